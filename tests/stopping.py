"""SIGTERM in the middle of a validation."""

import signal

from reverie import backend


def stop_at(monkeypatch, forecast: int) -> list:
    """SIGTERM comes in that compiled forecast; the list has them all."""
    calls, predict_batch = [], backend.TensorFlowLoop.predict

    def interrupted(loop, rows):
        calls.append(rows)
        if len(calls) == forecast:
            signal.raise_signal(signal.SIGTERM)
        return predict_batch(loop, rows)

    monkeypatch.setattr(backend.TensorFlowLoop, "predict", interrupted)
    return calls
