"""Compiled training steps, predictions and gradients; the only module that calls TensorFlow or JAX.

The loops of both backends do the same: gather a batch by its row numbers, predict, differentiate,
update. The next step depends only on `variables()`: weights, optimizer state and the random state of
the dropout layers.
"""

import gc
import logging
import sys
from contextlib import contextmanager

import numpy as np

from reverie import devices

# Keras imports these two, where it can, for functions that Reverie does not use.
UNUSED = {"matplotlib", "pandas"} - sys.modules.keys()
sys.modules.update(dict.fromkeys(UNUSED))
gc.disable()  # the import creates many objects and no garbage
with devices.quiet():  # TensorFlow greets on standard error at any log level
    import keras
gc.freeze()  # later collections skip what the import created
gc.enable()
for name in UNUSED:
    del sys.modules[name]

# TensorFlow mistakes the loops of several networks for one function that is retraced, and warns.
logging.getLogger("tensorflow").setLevel(logging.ERROR)


class Loop:
    """A model and its optimizer; one compiled call takes many training steps.

    ``gather(data, rows)`` turns row numbers, shape (batch,), into (inputs, targets) with Keras
    operations; ``loss(targets, outputs)`` gives the loss of each window, shape (batch,).

    `train(rows)` takes one step for each row of ``rows``, int32 (steps, batch), and returns the
    losses, (steps,); `predict(rows)` returns outputs and losses of the windows ``rows``, (batch,).
    ``compiled`` asks TensorFlow to compile with XLA on a CPU; JAX always does. ``evaluated`` is a pair
    (model, gather) for `predict`, which shares the model's weights and predicts the same, if need be
    for consecutive rows only. ``scored(targets, outputs)`` gives the predictions among the outputs and
    their losses, (batch,), where these are not all outputs and their ``loss``: both methods return
    these losses, while ``loss`` is what is learned. With ``averaged`` the predictions are those of the
    moving averages of the weights that the ``optimizer`` keeps (`use_ema`).
    """

    def __init__(
        self,
        model,
        optimizer,
        loss,
        gather,
        data,
        compiled: bool,
        evaluated=None,
        scored=None,
        averaged: bool = False,
    ):
        self.model, self.optimizer = model, optimizer
        self.loss, self.gather = loss, gather
        self.evaluated = evaluated or (model, gather)
        self.scored, self.averaged = scored, averaged
        self.data = [keras.ops.convert_to_tensor(array) for array in data]
        optimizer.build(model.trainable_variables)
        self.compile(compiled)

    def variables(self) -> list:
        return [*self.model.variables, *self.optimizer.variables]

    def state(self) -> list[np.ndarray]:
        """The values of `variables()`, in their order."""
        return [np.array(keras.ops.convert_to_numpy(v.value)) for v in self.variables()]

    def restore(self, state: list[np.ndarray]) -> None:
        for variable, value in zip(self.variables(), state, strict=True):
            variable.assign(value)

    def shown(self, targets, outputs):
        """The predictions and their losses."""
        if self.scored:
            return self.scored(targets, outputs)
        return outputs, self.loss(targets, outputs)

    @contextmanager
    def averages(self):
        """The model's weights are their moving averages inside, if the loop has such."""
        if not self.averaged:
            yield
            return
        weights = self.model.trainable_variables
        before = [np.array(keras.ops.convert_to_numpy(weight.value)) for weight in weights]
        self.optimizer.finalize_variable_values(weights)
        try:
            yield
        finally:
            for weight, value in zip(weights, before, strict=True):
                weight.assign(value)


def summed(gradient):
    """The gradient as one tensor: for rows that were taken, TensorFlow lists a gradient each time.

    Keras' optimizers would square each by itself, and fail where two are of the same row and not numbers.
    """
    import tensorflow as tf

    return tf.convert_to_tensor(gradient) if isinstance(gradient, tf.IndexedSlices) else gradient


class TensorFlowLoop(Loop):
    def compile(self, compiled: bool) -> None:
        import tensorflow as tf

        variables = self.model.trainable_variables
        xla = compiled and XLA and on_processor()

        @tf.function(jit_compile=xla)
        def step(rows):
            inputs, targets = self.gather(self.data, rows)
            with tf.GradientTape() as tape:
                outputs = self.model(inputs, training=True)
                loss = tf.reduce_mean(self.loss(targets, outputs))
                total = tf.add_n([loss, *self.model.losses])
            gradients = tape.gradient(total, [v.value for v in variables])
            self.optimizer.apply(list(map(summed, gradients)), variables)
            return tf.reduce_mean(self.scored(targets, outputs)[1]) if self.scored else loss

        @tf.function(reduce_retracing=True)
        def steps(rows):
            losses = tf.TensorArray(tf.float32, size=tf.shape(rows)[0])
            for index in tf.range(tf.shape(rows)[0]):
                losses = losses.write(index, step(rows[index]))
            return losses.stack()

        @tf.function(jit_compile=xla)
        def predict(rows):
            model, gather = self.evaluated
            inputs, targets = gather(self.data, rows)
            outputs = model(inputs, training=False)
            return self.shown(targets, outputs)

        self._steps, self._predict = steps, predict

    def train(self, rows):
        import tensorflow as tf

        return self._steps(tf.constant(rows, tf.int32)).numpy()

    def predict(self, rows):
        import tensorflow as tf

        # Keras' recurrent layers draw dropout masks in predictions too, without using them. Restoring
        # their random state makes later masks independent of how many batches were predicted. JAX
        # leaves that state unchanged.
        variables = self.model.non_trainable_variables
        before = [v.numpy() for v in variables]
        with self.averages():
            results = tuple(tensor.numpy() for tensor in self._predict(tf.constant(rows, tf.int32)))
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
        return results


class JaxLoop(Loop):
    CALL = 256  # steps in a compiled call; fewer are padded, so that nothing is compiled again

    def compile(self, compiled: bool) -> None:
        import jax
        import jax.numpy as jnp

        def loss_of(trainable, fixed, data, rows):
            inputs, targets = self.gather(data, rows)
            outputs, fixed, extra = self.model.stateless_call(
                trainable, fixed, inputs, training=True, return_losses=True
            )
            loss = jnp.mean(self.loss(targets, outputs))
            score = jnp.mean(self.scored(targets, outputs)[1]) if self.scored else loss
            return loss + sum(extra), (score, fixed)

        def step(values, data, rows):
            trainable, fixed, moments = values
            (_, (loss, fixed)), gradients = jax.value_and_grad(loss_of, has_aux=True)(
                trainable, fixed, data, rows
            )
            trainable, moments = self.optimizer.stateless_apply(moments, gradients, trainable)
            return (trainable, fixed, moments), loss

        def forecast(values, data, rows):
            trainable, fixed, moments = values
            if self.averaged:
                trainable = self.averages_in(moments)
            model, gather = self.evaluated
            inputs, targets = gather(data, rows)
            outputs, _ = model.stateless_call(trainable, fixed, inputs, training=False)
            return self.shown(targets, outputs)

        # Of one step and of one batch, not compiled: `Together` compiles them for several seeds.
        self.step, self.forecast = step, forecast
        self._steps, self._predict = repeated(step), jax.jit(forecast)

    def groups(self) -> tuple[list, list, list]:
        """The trainable, non-trainable and optimizer variables."""
        model = self.model
        return model.trainable_variables, model.non_trainable_variables, self.optimizer.variables

    def values(self) -> tuple[list, list, list]:
        """Their values for JAX."""
        return tuple([variable.value for variable in group] for group in self.groups())

    def averages_in(self, moments: list) -> list:
        """The moving averages of the trainable variables among the values of the optimizer's."""
        weights = self.model.trainable_variables
        values = zip(self.optimizer.variables, moments, strict=True)
        with keras.StatelessScope(state_mapping=values) as scope:
            self.optimizer.finalize_variable_values(weights)
        return [scope.get_current_value(weight) for weight in weights]

    def train(self, rows):
        values, losses = in_calls(self._steps, self.values(), self.data, rows)
        for group, new in zip(self.groups(), values, strict=True):
            for variable, value in zip(group, new, strict=True):
                variable.assign(value)
        return losses

    def predict(self, rows):
        return fetched_on_processor(
            self._predict(self.values(), self.data, np.asarray(rows, np.int32))
        )


def repeated(step):
    """A compiled function that takes ``count`` steps of JAX: `(count, values, data, rows)`.

    ``step(values, data, rows)`` gives the next values and the loss. ``rows`` is (JaxLoop.CALL, …, batch),
    of which the first ``count`` are used; returns the last values and the losses, (JaxLoop.CALL, …).
    """
    import jax
    import jax.numpy as jnp

    @jax.jit
    def steps(count, values, data, rows):
        def body(index, carry):
            values, losses = carry
            values, loss = step(values, data, rows[index])
            return values, losses.at[index].set(loss)

        return jax.lax.fori_loop(0, count, body, (values, jnp.zeros(rows.shape[:-1])))

    return steps


def in_calls(steps, values, data, rows) -> tuple:
    """The last values and all losses, (steps, …), of the :func:`repeated` steps with all ``rows``."""
    losses = []
    for start in range(0, len(rows), JaxLoop.CALL):
        part = rows[start : start + JaxLoop.CALL]
        padded = np.zeros((JaxLoop.CALL, *rows.shape[1:]), np.int32)
        padded[: len(part)] = part
        values, loss = steps(len(part), values, data, padded)
        losses.append(np.asarray(loss)[: len(part)])
    return values, np.concatenate(losses)


def fetched_on_processor(results: tuple) -> tuple:
    """Arrays of JAX as NumPy's; those on a GPU as they are, whether they are computed yet or not."""
    return tuple(np.asarray(result) for result in results) if on_processor() else results


class Alone:
    """A loop as the group of one seed, with the methods of :class:`Together`."""

    def __init__(self, loop: Loop):
        self.loop = loop

    def state(self) -> list[list[np.ndarray]]:
        return [self.loop.state()]

    def restore(self, states: list[list[np.ndarray]]) -> None:
        self.loop.restore(states[0])

    def set_learning_rate(self, rate: float) -> None:
        self.loop.optimizer.learning_rate = rate

    def train(self, rows):
        return self.loop.train(rows[:, 0])[:, None]

    def predict(self, rows):
        return tuple(result[:, None] for result in self.loop.predict(rows))


class Together:
    """Several seeds of one network, which train in one compiled step, by `jax.vmap`.

    Each takes the steps that it takes alone. ``loop`` is that of any of them, whose own variables are
    not used; ``states`` are those from which each seed starts. In all arrays the seeds are the second
    axis: `train(rows)` takes (steps, seeds, batch) and returns losses, (steps, seeds); `predict(rows)`
    takes (batch,) and returns outputs, (batch, seeds, …), and losses, (batch, seeds). `state()` and
    `restore` know a list of states, one for each seed.
    """

    def __init__(self, loop: JaxLoop, states: list[list[np.ndarray]]):
        import jax

        self.loop, self.seeds = loop, len(states)
        for layer in loop.model._flatten_layers():
            if hasattr(layer, "use_cudnn"):
                layer.use_cudnn = False  # JAX cannot batch its call
        self._steps = repeated(jax.vmap(loop.step, (0, None, 0)))
        # The rows are repeated for each seed, since XLA would join the products of the same inputs with
        # several kernels into one, which rounds otherwise.
        self._predict = jax.jit(jax.vmap(loop.forecast, (0, None, 0), 1))
        self.restore(states)

    def restore(self, states: list[list[np.ndarray]]) -> None:
        import jax.numpy as jnp

        stacked = dict(zip(map(id, self.loop.variables()), zip(*states, strict=True), strict=True))
        self.values = tuple(
            [jnp.stack(stacked[id(variable)]) for variable in group] for group in self.loop.groups()
        )

    def state(self) -> list[list[np.ndarray]]:
        values = {}
        for group, arrays in zip(self.loop.groups(), self.values, strict=True):
            values |= zip(map(id, group), map(np.asarray, arrays), strict=True)
        stacked = [values[id(variable)] for variable in self.loop.variables()]
        return [[array[seed] for array in stacked] for seed in range(self.seeds)]

    def set_learning_rate(self, rate: float) -> None:
        import jax.numpy as jnp

        moments = self.values[2]
        for index, variable in enumerate(self.loop.optimizer.variables):
            if variable.name == "learning_rate":
                moments[index] = jnp.full_like(moments[index], rate)

    def train(self, rows):
        self.values, losses = in_calls(self._steps, self.values, self.loop.data, rows)
        return losses

    def predict(self, rows):
        rows = np.broadcast_to(np.asarray(rows, np.int32), (self.seeds, len(rows)))
        return fetched_on_processor(self._predict(self.values, self.loop.data, rows))


def together(loop: Loop, states: list[list[np.ndarray]]) -> Alone | Together:
    """The loop for seeds that start from ``states``; several need JAX."""
    if len(states) > 1:
        return Together(loop, states)
    loop.restore(states[0])
    return Alone(loop)


def set_precision(tf32: bool) -> str:
    """Whether a GPU may round what it multiplies to TF32 (10 bits of 23); returns the precision's name.

    TensorFlow and JAX do by default. Products are faster then, which shows with convolutions. A
    processor does not know TF32.
    """
    if on_processor():
        return "float32"
    if keras.backend.backend() == "jax":
        import jax

        jax.config.update("jax_default_matmul_precision", None if tf32 else "float32")
    else:
        import tensorflow as tf

        tf.config.experimental.enable_tensor_float_32_execution(tf32)
    return "TF32" if tf32 else "float32"


LOOPS = {"tensorflow": TensorFlowLoop, "jax": JaxLoop}
RECURRENT: set[str] = set()  # what computes the recurrent layers of this job, see recurrent.py


def loop(*arguments, **options) -> Loop:
    """The loop for the active Keras backend; takes the arguments of :class:`Loop`."""
    return LOOPS[keras.backend.backend()](*arguments, **options)


def on_processor() -> bool:
    """Whether Keras computes on the CPU."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.default_backend() == "cpu"
    import tensorflow as tf

    return not tf.config.list_physical_devices("GPU")


def xla_compiled(function):
    """The function of arrays; TensorFlow compiles it with XLA even inside a graph without XLA."""
    if keras.backend.backend() == "jax" or not XLA:
        return function
    import tensorflow as tf

    return tf.function(function, jit_compile=True, autograph=False)


XLA = True  # whether TensorFlow may compile with XLA


@contextmanager
def without_xla():
    """TensorFlow does not use XLA inside, which takes a third of the time for a single step."""
    global XLA
    XLA = False
    try:
        yield
    finally:
        XLA = True


def compiled(model: keras.Model, function, shapes: list[tuple] | None = None, xla: bool = False):
    """``function(predict, *arrays)``, compiled, as a function of the arrays alone.

    ``predict(inputs)`` gives the model's outputs with its weights at the time of the call. ``shapes``
    are the shapes of the arrays, float32, with None for a dimension that varies: TensorFlow then traces
    the function once instead of once a size, and tracing a deep network takes as long as many steps.
    ``xla`` asks TensorFlow to compile with XLA on a CPU; JAX always does.
    """
    if keras.backend.backend() == "jax":
        import jax

        @jax.jit
        def stateless(trainable, fixed, *arrays):
            def predict(inputs):
                return model.stateless_call(trainable, fixed, inputs, training=False)[0]

            return function(predict, *arrays)

        def call(*arrays):
            weights = model.trainable_variables, model.non_trainable_variables
            return stateless(*([v.value for v in group] for group in weights), *arrays)

        return call
    import tensorflow as tf

    return tf.function(
        lambda *arrays: function(lambda x: model(x, training=False), *arrays),
        input_signature=[tf.TensorSpec(shape) for shape in shapes] if shapes else None,
        autograph=False,
        jit_compile=xla and on_processor(),
    )


def rows(array, numbers):
    """The rows ``numbers``, which must exist, of a matrix; JAX's `take` checks them, which is slower."""
    if keras.backend.backend() == "jax":
        return array.at[numbers].get(mode="promise_in_bounds")
    return keras.ops.take(array, numbers, axis=0)


def value_and_gradient(function, x):
    """`((value, extra), gradient)` of a function of ``x`` that gives `(value, extra)`.

    ``value`` is a scalar, ``gradient`` its derivative by ``x``; ``extra`` is passed through.
    """
    if keras.backend.backend() == "jax":
        import jax

        return jax.value_and_grad(function, has_aux=True)(x)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        value, extra = function(x)
    return (value, extra), tape.gradient(value, x)


def used() -> dict:
    """`device`, the GPU's name or "cpu", `device_memory_mb`, the peak of the GPU's memory, and `recurrent`.

    The memory is None on a CPU, and where the device does not report it. `recurrent` is what computed
    the recurrent layers that were trained, "" if there were none.
    """
    if keras.backend.backend() == "jax":
        import jax

        first = jax.devices()[0]
        name = "cpu" if first.platform == "cpu" else first.device_kind
        peak = (first.memory_stats() or {}).get("peak_bytes_in_use")
    else:
        import tensorflow as tf

        gpus = tf.config.list_physical_devices("GPU")
        name, peak = "cpu", None
        if gpus:
            name = tf.config.experimental.get_device_details(gpus[0]).get("device_name", "gpu")
            peak = tf.config.experimental.get_memory_info("GPU:0")["peak"]
    memory = round(peak / 2**20) if peak and name != "cpu" else None
    return {
        "device": name,
        "device_memory_mb": memory,
        "recurrent": ", ".join(sorted(RECURRENT)),
    }
