"""A variant of the configuration with all that its training depends on, in plain values."""


def network(settings: dict, name: str) -> dict:
    """Plain settings of the variant ``name``; ``settings`` is the checked configuration."""
    forecast = settings["forecast"]
    variant = forecast["variants"][name]
    return {
        "layers": variant["layers"],
        "optimizer": variant["optimizer"] or forecast["optimizer"],
        "epochs": min(variant["epochs"], forecast["max_epochs"] or variant["epochs"]),
        "steps": forecast["steps"],
        "batch": variant["batch"] or forecast["batch"],
        "lookback": forecast["lookback"],
        "step": variant["step"] or forecast["step"],
        "delay": forecast["delay"],
        "evaluation_batch": forecast["batch"],
        "backend": settings["backend"],
    }


def selected(settings: dict) -> list[str]:
    """Names of the variants that run."""
    forecast = settings["forecast"]
    return forecast["select"] or list(forecast["variants"])
