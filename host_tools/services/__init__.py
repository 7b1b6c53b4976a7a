"""The five services: a bank's rules as data, and the one machine that carries them out."""
