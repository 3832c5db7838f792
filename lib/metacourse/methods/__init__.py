"""One file per paper. A method is written for one task and knows neither the data nor the network.

What methods share stands beside them: `losses` of a network, the ways `over_tasks`, `recompute` for memory,
what they `refuse`, the `two_domains` of adaptation, and the `views` of a picture.
"""
