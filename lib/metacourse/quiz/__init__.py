"""Questions to the learner, and what became of the answers.

    quiz.predict("1.1 scratch")      commit to an answer, and to how sure you are
    quiz.reveal("1.1 scratch")       after the experiment: the answer, beside what you said
    quiz.ask("fundamentals")         a self-test that explains every wrong choice
    quiz.score("families")           points of a self-test
    quiz.concepts("before")          twelve questions about the whole course; again with "after"
    quiz.desk("fair shares")         a paper to review: run a diagnostic, report the corrected number
    quiz.calibration()               were you right as often as you were sure?
"""
from metacourse.quiz.calibration import calibration
from metacourse.quiz.concept import concepts
from metacourse.quiz.desk import desk
from metacourse.quiz.prediction import predict, reveal
from metacourse.quiz.selftest import ask, score

__all__ = ["ask", "calibration", "concepts", "desk", "predict", "reveal", "score"]
