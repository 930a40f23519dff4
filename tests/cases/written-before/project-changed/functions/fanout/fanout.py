"""Counts primes, in parts."""

SIZE = 1000


def split(event, context):
    """Give the ranges of numbers to look at."""
    return {"parts": [{"number": n, "first": n * SIZE, "last": (n + 1) * SIZE - 1} for n in range(event["parts"])]}


def work(event, context):
    """Count the primes of one part."""
    part = event["part"]
    found = sum(1 for number in range(max(part["first"], 2), part["last"] + 1) if is_prime(number))
    print(f"part {part['number']}: {found} primes from {part['first']} to {part['last']}")
    return {"primes": found}


def expect(event, context):
    """Give a bound: apart from 2, only odd numbers are prime."""
    return {"atmost": len(event["parts"]) * SIZE // 2 + 1}


def is_prime(number):
    """Tell whether no smaller number divides this one."""
    return all(number % divisor for divisor in range(2, int(number**0.5) + 1))
