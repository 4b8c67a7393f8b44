"""The only place that knows TensorFlow from JAX: the compiled loop of training steps.

Both loops do the same: gather a batch from row numbers, predict, differentiate, update. Their
state is `variables()`, which holds all that the next step depends on, the optimizer's and the
dropout masks' included.
"""

import gc
import logging
import sys
from contextlib import contextmanager

import numpy as np

from reverie import devices

# It would import these two for functions that nobody here calls.
UNUSED = {"matplotlib", "pandas"} - sys.modules.keys()
sys.modules.update(dict.fromkeys(UNUSED))
gc.disable()  # TensorFlow makes many objects and no garbage
with devices.quiet():  # it greets on the terminal, whatever its log level
    import keras
gc.freeze()  # nor need they be searched later
gc.enable()
for name in UNUSED:
    del sys.modules[name]

# It takes the loops of several networks for one that is traced too often.
logging.getLogger("tensorflow").setLevel(logging.ERROR)


class Loop:
    """A model with its optimizer, stepped many times in one compiled call.

    ``gather(data, rows)`` turns row numbers, shape (batch,), into (inputs, targets) by Keras
    operations; ``loss(targets, outputs)`` gives one loss a window, shape (batch,).

    `train(rows)` takes one step for each row of ``rows``, int32 (steps, batch), and returns the
    losses, (steps,); `predict(rows)` returns outputs and losses of the windows ``rows``, (batch,).
    ``compiled`` asks TensorFlow to compile by XLA on a processor; JAX always does. ``evaluated`` is a
    pair of a model and a gather that predict the same with the same weights, for rows in their order.
    """

    def __init__(self, model, optimizer, loss, gather, data, compiled: bool, evaluated=None):
        self.model, self.optimizer, self.loss, self.gather = (
            model,
            optimizer,
            loss,
            gather,
        )
        self.evaluated = evaluated or (model, gather)
        self.data = [keras.ops.convert_to_tensor(item) for item in data]
        optimizer.build(model.trainable_variables)
        self.compile(compiled)

    def variables(self) -> list:
        return [*self.model.variables, *self.optimizer.variables]

    def state(self) -> list[np.ndarray]:
        """Everything that the next step depends on."""
        return [np.array(keras.ops.convert_to_numpy(v.value)) for v in self.variables()]

    def restore(self, state: list[np.ndarray]) -> None:
        for variable, value in zip(self.variables(), state, strict=True):
            variable.assign(value)


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
            self.optimizer.apply(gradients, variables)
            return loss

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
            return outputs, self.loss(targets, outputs)

        self._steps, self._predict = steps, predict

    def train(self, rows):
        import tensorflow as tf

        return self._steps(tf.constant(rows, tf.int32)).numpy()

    def predict(self, rows):
        import tensorflow as tf

        # Keras' recurrent layers draw their dropout masks even for forecasts, which do not use them: the
        # masks of later steps shall not depend on how many batches were forecast. On JAX they do not anyway.
        drawn = self.model.non_trainable_variables
        before = [v.numpy() for v in drawn]
        found = tuple(part.numpy() for part in self._predict(tf.constant(rows, tf.int32)))
        for variable, value in zip(drawn, before, strict=True):
            variable.assign(value)
        return found


class JaxLoop(Loop):
    CALL = 64  # steps that fit into one compiled call; fewer do not compile anew

    def compile(self, compiled: bool) -> None:
        import jax
        import jax.numpy as jnp

        def loss_of(trainable, fixed, data, rows):
            inputs, targets = self.gather(data, rows)
            outputs, fixed, extra = self.model.stateless_call(
                trainable, fixed, inputs, training=True, return_losses=True
            )
            loss = jnp.mean(self.loss(targets, outputs))
            return loss + sum(extra), (loss, fixed)

        def step(index, carry, data, rows):
            trainable, fixed, moments, losses = carry
            (_, (loss, fixed)), gradients = jax.value_and_grad(loss_of, has_aux=True)(
                trainable, fixed, data, rows[index]
            )
            trainable, moments = self.optimizer.stateless_apply(moments, gradients, trainable)
            return trainable, fixed, moments, losses.at[index].set(loss)

        @jax.jit
        def steps(count, trainable, fixed, moments, data, rows):
            carry = (trainable, fixed, moments, jnp.zeros(len(rows)))
            return jax.lax.fori_loop(
                0, count, lambda index, carry: step(index, carry, data, rows), carry
            )

        @jax.jit
        def predict(trainable, fixed, data, rows):
            model, gather = self.evaluated
            inputs, targets = gather(data, rows)
            outputs, _ = model.stateless_call(trainable, fixed, inputs, training=False)
            return outputs, self.loss(targets, outputs)

        self._steps, self._predict = steps, predict

    def values(self):
        """The model's and optimizer's variables as JAX wants them, apart from the model."""
        groups = (
            self.model.trainable_variables,
            self.model.non_trainable_variables,
            self.optimizer.variables,
        )
        return groups, [[v.value for v in group] for group in groups]

    def train(self, rows):
        losses = []
        for start in range(0, len(rows), self.CALL):
            part = rows[start : start + self.CALL]
            padded = np.zeros((self.CALL, rows.shape[1]), np.int32)
            padded[: len(part)] = part
            groups, values = self.values()
            *values, loss = self._steps(len(part), *values, self.data, padded)
            for group, new in zip(groups, values, strict=True):
                for variable, value in zip(group, new, strict=True):
                    variable.assign(value)
            losses.append(np.asarray(loss)[: len(part)])
        return np.concatenate(losses)

    def predict(self, rows):
        _, (trainable, fixed, _) = self.values()
        parts = self._predict(trainable, fixed, self.data, np.asarray(rows, np.int32))
        return tuple(np.asarray(part) for part in parts)


LOOPS = {"tensorflow": TensorFlowLoop, "jax": JaxLoop}


def loop(*arguments, **options) -> Loop:
    """The loop of the backend that Keras runs on; arguments as of :class:`Loop`."""
    return LOOPS[keras.backend.backend()](*arguments, **options)


def on_processor() -> bool:
    """Whether Keras has no GPU; a GPU has recurrent kernels of its own, which are faster than any loop."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.default_backend() == "cpu"
    import tensorflow as tf

    return not tf.config.list_physical_devices("GPU")


def alone(function):
    """The function of arrays, which TensorFlow compiles by XLA even within what it does not."""
    if keras.backend.backend() == "jax" or not XLA:
        return function
    import tensorflow as tf

    return tf.function(function, jit_compile=True, autograph=False)


XLA = True


@contextmanager
def without_xla():
    """TensorFlow compiles nothing by XLA inside: what is run once is done in a third of the time."""
    global XLA
    XLA = False
    try:
        yield
    finally:
        XLA = True


def compiled(model: keras.Model, function, shapes: list[tuple] | None = None, xla: bool = False):
    """``function(predict, *arrays)``, compiled, as a function of the arrays alone.

    ``predict(inputs)`` gives the model's outputs with the weights it has at each call. ``shapes`` are
    those of the arrays, float32, with None for a side that changes from call to call: TensorFlow
    then traces the function once and not for every size, which in a deep network costs many steps.
    ``xla`` asks TensorFlow to compile it by XLA on a processor; JAX always does.
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


def value_and_gradient(function, x):
    """`((value, more), gradient)` where ``function(x)`` gives `(value, more)`, value a number.

    ``more`` is whatever else is wanted of it.
    """
    if keras.backend.backend() == "jax":
        import jax

        return jax.value_and_grad(function, has_aux=True)(x)
    import tensorflow as tf

    with tf.GradientTape() as tape:
        tape.watch(x)
        value, more = function(x)
    return (value, more), tape.gradient(value, x)


def used() -> dict:
    """`device`: name of the accelerator that Keras computed on, or "cpu"; `device_memory_mb`: its peak.

    The memory is None on a processor, and where a device does not tell.
    """
    if keras.backend.backend() == "jax":
        import jax

        first = jax.devices()[0]
        name = "cpu" if first.platform == "cpu" else first.device_kind
        peak = (first.memory_stats() or {}).get("peak_bytes_in_use")
    else:
        import tensorflow as tf

        found = tf.config.list_physical_devices("GPU")
        name, peak = "cpu", None
        if found:
            name = tf.config.experimental.get_device_details(found[0]).get("device_name", "gpu")
            peak = tf.config.experimental.get_memory_info("GPU:0")["peak"]
    memory = round(peak / 2**20) if peak and name != "cpu" else None
    return {"device": name, "device_memory_mb": memory}
