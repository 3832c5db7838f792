"""One file per paper. A method is written for one task and knows neither the data nor the network."""
