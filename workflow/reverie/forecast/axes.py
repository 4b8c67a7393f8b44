"""What the axes of the forecast's figures and charts say."""

CONDITIONS = {
    "hour": "hour of day that is forecast",
    "month": "month that is forecast",
    "change": "how far the truth is from the newest value, {unit}",
}


def axis_label(column: str, unit: str) -> str:
    """ "temperature, °C" for the lecture's column, else the column's own name and its unit."""
    name = "temperature" if column == "T (degC)" else column
    return f"{name}, {unit}" if unit else name
