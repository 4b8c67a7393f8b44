"""What is published of the lecture's text network: losses by epoch, explosions, words it invented."""

# Training loss (nats per character) by epoch of F. Chollet's own run of section 8.1 of the book.
BOOK = {
    1: 1.9895, 5: 1.4682, 10: 1.3947, 20: 1.3391, 30: 1.3154, 40: 1.3098, 54: 1.3014,
    56: 1.5978, 57: 4.7329, 58: 12.5951, 59: 14.5726,
}  # fmt: skip
BOOK_BEST, BOOK_EXPLODED = 54, 56
BOOK_SECONDS = 125  # of an epoch, on a GPU of 2017
KERAS_IO = {"epoch": 40, "loss": 1.2021, "seconds": 6}  # on a GPU; windows of 40, no newlines
# Epochs, in issues of Keras on GitHub about keras.io's example, as far as they are about Nietzsche.
EXPLOSIONS = {"keras#3496": "58 to 59", "keras#7375": "after 70", "keras#8871": "81"}
SOURCES = (
    "F. Chollet’s own run of section 8.1 of *Deep Learning with Python* (2018), in "
    "[fchollet/deep-learning-with-python-notebooks](https://github.com/fchollet/deep-learning-with-python-notebooks); "
    "the example `lstm_character_level_text_generation` of keras.io, which reads windows of 40 characters and replaces "
    "newlines by spaces; issues [3496](https://github.com/keras-team/keras/issues/3496), "
    "[7375](https://github.com/keras-team/keras/issues/7375) (a slightly changed script) and "
    "[8871](https://github.com/keras-team/keras/issues/8871) of Keras on GitHub, about older versions of that example"
)
# Words printed in bold in the samples on the slides, and all words of the sample, by epoch and temperature.
SLIDES = {
    (20, 0.2): (1, 76), (20, 0.5): (6, 78), (20, 1.0): (20, 65),
    (60, 0.2): (2, 78), (60, 0.5): (3, 73), (60, 1.0): (18, 70),
}  # fmt: skip
