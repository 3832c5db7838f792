"""Full context embeddings: every picture is embedded in the light of the support set (Vinyals et al., 2016).

An LSTM runs over the support pictures in both directions, so that each knows of all the others. Another one
lets a query look at them several times before it settles. The paper's appendix holds the equations: A.1 the
query's f (Equations 3 to 6), A.2 the support set's g.

**Differs from the paper:**
- h₀ = 0 and c₀ = 0, on which the paper is silent, so that the first look is at all pictures alike; and so is
  it on the number of looks, K in the paper and `steps` here;
- the support pictures come in the order of their rows, class by class. The paper does not say in which. The
  order matters: an LSTM over a set is not a function of the set. (Shuffle it, and answers change a little.)
"""
import torch
from jaxtyping import Float
from torch import Tensor, nn


class FullContext(nn.Module):
    """Embeddings in, embeddings out: (z_support, z_query) -> (g, f), of the same shapes.

    `dim` is the length of an embedding, `steps` how often a query looks at the support set. Each query is
    read by itself. Permuting the classes or shots of the support set changes g and f.
    """

    def __init__(self, dim: int, *, steps: int = 5):
        super().__init__()
        if steps < 1:
            raise ValueError(f"steps={steps}; wanted 1 or more: a query that never looks is nowhere")
        self.steps = steps
        self.there, self.back = Cell(2 * dim, dim), Cell(2 * dim, dim)       # over the support set
        self.look = Cell(3 * dim, dim)                                       # at it

    def forward(self, z_support: Float[Tensor, "way shot dim"], z_query: Float[Tensor, "query dim"]
                ) -> tuple[Float[Tensor, "way shot dim"], Float[Tensor, "query dim"]]:
        g = self.support(z_support.flatten(0, 1))
        return g.view_as(z_support), self.query(z_query, g)

    def support(self, z: Float[Tensor, "picture dim"]) -> Float[Tensor, "picture dim"]:
        """g(xᵢ, S) = h→ᵢ + h←ᵢ + g′(xᵢ) (Appendix A.2)."""
        return _states(self.there, z) + _states(self.back, z.flip(0)).flip(0) + z

    def query(self, z: Float[Tensor, "query dim"], g: Float[Tensor, "picture dim"]
              ) -> Float[Tensor, "query dim"]:
        """f(x, S) = attLSTM(f′(x), g(S), K) (Appendix A.1)."""
        h, c = torch.zeros_like(z), torch.zeros_like(z)
        for _ in range(self.steps):
            a = (h @ g.T).softmax(dim=-1)                                    # Equation 6
            r = a @ g                                                        # Equation 5, the read-out
            h, c = self.look(z, torch.cat([h, r], dim=-1), c)                # Equation 3
            h = h + z                                                        # Equation 4
        return h


class Cell(nn.Module):
    """One step of an LSTM in plain operations: (h, c) from the input and the last h and c.

    (`nn.LSTMCell` wants the last h as long as c, while Equation 3 passes [h, r].) `inputs` counts the numbers
    of the input and of the last h together.
    """

    def __init__(self, inputs: int, dim: int):
        super().__init__()
        self.gates = nn.Linear(inputs, 4 * dim)

    def forward(self, x: Float[Tensor, "*n inputs"], h: Float[Tensor, "*n last"], c: Float[Tensor, "*n dim"]
                ) -> tuple[Float[Tensor, "*n dim"], Float[Tensor, "*n dim"]]:
        write, keep, new, show = self.gates(torch.cat([x, h], dim=-1)).chunk(4, dim=-1)
        c = keep.sigmoid() * c + write.sigmoid() * new.tanh()
        return show.sigmoid() * c.tanh(), c


def _states(cell: Cell, z: Float[Tensor, "picture dim"]) -> Float[Tensor, "picture dim"]:
    """h after each picture, read in order from h = c = 0."""
    h, c, states = torch.zeros_like(z[0]), torch.zeros_like(z[0]), []
    for x in z:
        h, c = cell(x, h, c)
        states.append(h)
    return torch.stack(states)
