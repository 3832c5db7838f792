"""The papers of the reviewer's desk (4.7): what each one claims, and what each diagnostic finds.

Of the first seed every diagnostic is run. Where a paper trains something, its claim and the diagnostic that
shows the flaw are repeated with other seeds.
"""
import time
from dataclasses import dataclass
from numbers import Real

from metacourse.experiments import runner
from metacourse.quiz import papers
from metacourse.quiz.papers.paper import Finding, Paper

TRAINING = ("ten offsets", "fair shares", "gentle labels")      # the others use recorded networks


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    papers: tuple[str, ...] = papers.NAMES
    diagnostics: bool = True                    # all of them, or only claims and flaws


SMOKE = Settings(seeds=(0,), papers=("fair shares",), diagnostics=False)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`papers` {name: {"claim", "diagnostics": {text: numbers}, "seconds"}}, `repeated` {name: {seed: …}}."""
    payload = {"papers": {}, "repeated": {}}
    for name in settings.papers:
        paper, first = papers.paper(name), settings.seeds[0]
        payload["papers"][name] = {"claim": rounded(paper.claim(first))}
        if settings.diagnostics:
            payload["papers"][name] |= all_diagnostics(paper, first)
        for seed in settings.seeds if name in TRAINING else settings.seeds[:1]:
            found = {**rounded(paper.claim(seed)), **rounded(paper.diagnostics[paper.flaw].run(seed))}
            payload["repeated"].setdefault(name, {})[seed] = found
            run.say(f"{name}, seed {seed}: {found}")
    return payload


def all_diagnostics(paper: Paper, seed: int) -> dict:
    """What each one finds, and the seconds of processor time that it took."""
    found, seconds = {}, {}
    for diagnostic in paper.diagnostics:
        began = time.process_time()
        found[diagnostic.text] = rounded(diagnostic.run(seed))
        seconds[diagnostic.text] = round(time.process_time() - began, 1)
    return {"diagnostics": found, "seconds": seconds}


def rounded(finding: Finding) -> dict[str, Real]:
    return {name: round(value, 2) for name, value in finding.numbers.items()}


if __name__ == "__main__":
    runner.run("reviewers_desk", Settings(), experiment, smoke=SMOKE)
