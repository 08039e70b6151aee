"""Three pipelines of scikit-learn, ten lines each, on one training and one test file (JSON lines with text and label).

    python pipelines.py TRAIN TEST [WITHOUT]    prints {"NAME": {"accuracy": ..., "macroF1": ..., "seconds": ...}}
"""

import json
import sys
import time

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC


def read(path):
    rows = [json.loads(line) for line in open(path, encoding="utf8")]
    return [row["text"] for row in rows], [row["label"] for row in rows]


def words():
    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)


def characters():
    return TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)


PIPELINES = {
    "words, LinearSVC": lambda: make_pipeline(words(), LinearSVC()),
    "words, LogisticRegression": lambda: make_pipeline(words(), LogisticRegression(max_iter=1000)),
    "characters, LinearSVC": lambda: make_pipeline(characters(), LinearSVC()),
}

train, test = read(sys.argv[1]), read(sys.argv[2])
results = {}
for name, build in PIPELINES.items():
    if name in sys.argv[3:]:
        continue
    began = time.time()
    answers = build().fit(*train).predict(test[0])
    results[name] = {
        "accuracy": accuracy_score(test[1], answers),
        "macroF1": f1_score(test[1], answers, average="macro"),
        "seconds": time.time() - began,
    }
print(json.dumps(results))
