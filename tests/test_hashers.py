"""How passwords are stored."""

from django.contrib.auth.hashers import check_password, identify_hasher, make_password

from accounts.hashers import OwaspArgon2PasswordHasher


def test_a_password_is_stored_as_argon2id_with_nineteen_mebibytes_two_passes_one_lane() -> None:
    stored = make_password("correct horse battery staple")
    assert stored.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password("correct horse battery staple", stored)
    assert not check_password("correct horse battery stapler", stored)


def test_a_password_of_the_current_strength_is_not_hashed_again_at_login() -> None:
    stored = make_password("correct horse battery staple")
    assert isinstance(identify_hasher(stored), OwaspArgon2PasswordHasher)
    assert not OwaspArgon2PasswordHasher().must_update(stored)
