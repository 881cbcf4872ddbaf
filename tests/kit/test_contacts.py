"""Are contacts that reach one person told apart from contacts that don't?"""

import pytest

from kit.contacts import contact_key, normal_email, normal_phone


def test_an_address_is_trimmed_and_written_in_lower_case():
    assert normal_email("  Ann.Lee+Shop@Example.COM ") == "ann.lee+shop@example.com"


def test_a_domain_in_chinese_is_kept_in_ascii():
    assert normal_email("ann@例子.中国") == "ann@xn--fsqu00a.xn--fiqs8s"


def test_a_domain_for_tests_is_accepted():
    assert normal_email("ann@shop.test") == "ann@shop.test"


@pytest.mark.parametrize(
    "text", ["", "ann", "ann@", "@example.com", "a b@example.com", "ann@host", "ann@test"]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  the reason is the library's
        normal_email(text)


@pytest.mark.parametrize(
    "text", ["13800138000", "138 0013 8000", "+86 138-0013-8000", "008613800138000"]
)
def test_one_number_has_one_spelling(text):
    assert normal_phone(text) == "+8613800138000"


def test_a_number_without_a_country_code_is_the_regions():
    assert normal_phone("(212) 555-0123", region="US") == "+12125550123"


@pytest.mark.parametrize("text", ["", "abc", "12", "+86 138001380001234567", "+86 138001380001"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  the reason is the library's
        normal_phone(text)


@pytest.mark.parametrize(
    ("contact", "key"),
    [
        ("A.n.n+shop@googlemail.com", "email:ann@gmail.com"),
        ("ann@gmail.com", "email:ann@gmail.com"),
        ("ann.lee+x@outlook.com", "email:ann.lee@outlook.com"),
        ("ann.lee+x@outlook.de", "email:ann.lee@outlook.de"),
        ("ann.lee+x@hotmail.co.uk", "email:ann.lee@hotmail.co.uk"),
        ("ann.lee+x@live.com.au", "email:ann.lee@live.com.au"),
        ("ann.lee+x@example.com", "email:ann.lee+x@example.com"),
        ("a-n_n.lee+x@pm.me", "email:annlee@proton.me"),
        ("annlee@protonmail.com", "email:annlee@proton.me"),
        ("ann-lee@ya.ru", "email:ann.lee@yandex.ru"),
        ("ann.lee+x@me.com", "email:ann.lee@icloud.com"),
        ("ann.lee@qq.com", "email:ann.lee@qq.com"),
        ("+x@outlook.com", "email:+x@outlook.com"),
        ("ann.lee+x@notlive.com", "email:ann.lee+x@notlive.com"),
        ("Ann+x@ｇｍａｉｌ.com", "email:ann@gmail.com"),
        ("138 0013 8000", "phone:+8613800138000"),
        ("１３８ 0013 8000 ext. 7", "phone:+8613800138000"),
        ("+86 0138 0013 8000", "phone:+8613800138000"),
    ],
)
def test_aliases_of_one_mailbox_have_one_key(contact, key):
    assert contact_key(contact) == key
