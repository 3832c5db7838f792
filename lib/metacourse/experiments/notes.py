"""What an experiment notes along a training, kept in the checkpoint, so that a resumed run has all of it."""


class Notes(dict):
    """Plain values, lists and tensors by name. Hand it to `run.train` as the `memory`."""

    def state_dict(self) -> dict:
        return dict(self)

    def load_state_dict(self, state: dict) -> None:
        self.clear()
        self.update(state)
