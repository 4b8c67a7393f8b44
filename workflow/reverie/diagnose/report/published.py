"""Published figures: the paper's table as the slide shows it, and others' predictions of death.

The paper's records are private: 10,401 stays of children, 13 variables, 128 diagnoses. So its figures can
be compared with ours only in their order, and precision at 10 only with itself.
"""

from dataclasses import dataclass

PAPER = (
    "Z. C. Lipton, D. C. Kale, C. Elkan and R. Wetzel, “Learning to Diagnose with LSTM Recurrent Neural "
    "Networks”, ICLR 2016, arXiv:1511.03677, in the table of Lecture 13"
)
MEASURES = ("micro_auc", "macro_auc", "micro_f1", "macro_f1", "precision_at_10")
# By the slide's names, in its order. All its lines are here: 20 models, and headings between them.
TABLE = {
    "Base Rate": (0.7128, 0.5, 0.1346, 0.0343, 0.0788),
    "Log. Reg., First 6 + Last 6": (0.8122, 0.7404, 0.2324, 0.1081, 0.1016),
    "Log. Reg., Expert features": (0.8285, 0.7644, 0.2502, 0.1373, 0.1087),
    "MLP, First 6 + Last 6": (0.8375, 0.7770, 0.2698, 0.1286, 0.1096),
    "MLP, Expert features": (0.8551, 0.8030, 0.2930, 0.1475, 0.1170),
    "LSTM": (0.8241, 0.7573, 0.2450, 0.1170, 0.1047),
    "LSTM, AuxOut (Diagnoses)": (0.8351, 0.7746, 0.2627, 0.1309, 0.1110),
    "LSTM-AO (Categories)": (0.8382, 0.7748, 0.2651, 0.1351, 0.1099),
    "LSTM-TR": (0.8429, 0.7870, 0.2702, 0.1348, 0.1115),
    "LSTM-TR-AO (Diagnoses)": (0.8391, 0.7866, 0.2599, 0.1317, 0.1085),
    "LSTM-TR-AO (Categories)": (0.8439, 0.7860, 0.2774, 0.1330, 0.1138),
    "LSTM-DO": (0.8377, 0.7741, 0.2748, 0.1371, 0.1110),
    "LSTM-DO-AO (Diagnoses)": (0.8365, 0.7785, 0.2581, 0.1366, 0.1104),
    "LSTM-DO-AO (Categories)": (0.8399, 0.7783, 0.2804, 0.1361, 0.1123),
    "LSTM-DO-TR": (0.8560, 0.8075, 0.2938, 0.1485, 0.1172),
    "LSTM-DO-TR-AO (Diagnoses)": (0.8470, 0.7929, 0.2735, 0.1488, 0.1149),
    "LSTM-DO-TR-AO (Categories)": (0.8543, 0.8015, 0.2887, 0.1446, 0.1161),
    "LSTM-DO-TR (Linear Gain)": (0.8480, 0.7986, 0.2896, 0.1530, 0.1160),
    "Mean of LSTM-DO-TR & MLP": (0.8611, 0.8143, 0.2981, 0.1553, 0.1201),
    "Max of LSTM-DO-TR & MLP": (0.8643, 0.8194, 0.3035, 0.1571, 0.1218),
}


@dataclass(frozen=True)
class Deaths:
    """Areas under the ROC curve of death in hospital from the Challenge's 48 hours, by model.

    ``stays`` are those used, in words, with how far the figures were checked; each study has splits of
    its own.
    """

    source: str
    stays: str
    aucs: dict[str, float]


# Horn et al.'s own page could not be read: the figure is as a re-implementation of their work quotes it.
DEATHS = [
    Deaths(
        "Che, Purushotham, Cho, Sontag and Liu, “Recurrent Neural Networks for Multivariate Time Series with "
        "Missing Values”, arXiv:1606.01865, table 2",
        "4,000 stays of set A; cross-validation",
        {"GRU-D": 0.842, "GRU, gaps filled with means": 0.820, "random forest": 0.818, "regression": 0.763},
    ),
    Deaths(
        "Horn, Moor, Bock, Rieck and Borgwardt, “Set Functions for Time Series”, ICML 2020, arXiv:1909.12064",
        "11,988 stays; as a re-implementation quotes it",
        {"Transformer": 0.863},
    ),
]  # fmt: skip
