"""java.util.Random: a seed gives the numbers that it gives on AWS. Source: the class's public documentation."""

from __future__ import annotations

_MULTIPLIER = 0x5DEECE66D
_MASK = (1 << 48) - 1


class JavaRandom:
    """A linear congruential generator of 48 bits."""

    def __init__(self, seed: int) -> None:
        """Begin with a seed."""
        self._state = (seed ^ _MULTIPLIER) & _MASK

    def next_double(self) -> float:
        """Return a number from 0 up to but not including 1."""
        return float(((self._next(26) << 27) + self._next(27)) * 2.0**-53)

    def next_int(self, bound: int) -> int:
        """Return a whole number from 0 up to but not including the bound, which must be positive and less than 2**31."""
        bits = self._next(31)
        if bound & (bound - 1) == 0:
            return (bound * bits) >> 31
        while bits - bits % bound + bound - 1 >= 1 << 31:
            bits = self._next(31)
        return bits % bound

    def _next(self, bits: int) -> int:
        self._state = (self._state * _MULTIPLIER + 0xB) & _MASK
        return self._state >> (48 - bits)
