from bunsui.engine.jsonpath.java_random import JavaRandom


def test_the_numbers_are_those_of_java() -> None:
    assert JavaRandom(42).next_double() == 0.7275636800328681
    numbers = JavaRandom(42)
    assert [numbers.next_int(10) for _ in range(5)] == [0, 3, 8, 4, 0]
    powers = JavaRandom(42)
    assert [powers.next_int(16) for _ in range(3)] == [11, 0, 10]


def test_a_seed_may_be_negative() -> None:
    assert 0 <= JavaRandom(-1).next_double() < 1
