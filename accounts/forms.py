"""What may be typed about people, postings and regions."""

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.identity_numbers import digest_of
from accounts.models import Level, Posting, Region, User
from accounts.roles import Role

MOST_SUGGESTIONS = 5
# What a box for a date says of itself when it is left blank or cannot be read.
NO_DATE = {"required": "请选日期。", "invalid": "日期要写成 2020-06-30 这样。"}


def date_input() -> forms.DateInput:
    """A date box that the browser helps with."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


def put_on(form: forms.Form, refused: ValidationError) -> None:
    """Put a service's refusal beside the field that its code names, or on top of the form."""
    field = getattr(refused, "code", None)
    form.add_error(field if field in form.fields else None, refused.messages)


def accepted(form: forms.Form, act: Callable[[], Any]) -> bool:
    """Whether a service took what was typed; its refusal is put beside the field, or on top of the form, otherwise."""
    try:
        act()
    except ValidationError as refused:
        put_on(form, refused)
        return False
    return True


class LoginForm(forms.Form):
    """账号 and 密码."""

    username = forms.CharField(
        label="账号",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label="密码",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordForm(forms.Form):
    """A new password, with the old one."""

    old = forms.CharField(
        label="现在的密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label="新密码",
        strip=False,
        help_text="至少10位，不要全是数字，不要用姓名和账号。",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="再输一遍新密码", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_old(self) -> str:
        """The old password must be right."""
        if not self.user.check_password(self.cleaned_data["old"]):
            raise ValidationError("现在的密码不对。")
        return self.cleaned_data["old"]

    def clean_new(self) -> str:
        """The new password must satisfy the validators and differ from the old one."""
        validate_password(self.cleaned_data["new"], self.user)
        if self.user.check_password(self.cleaned_data["new"]):
            raise ValidationError("新密码不能和现在的一样。")
        return self.cleaned_data["new"]

    def clean(self) -> dict[str, Any]:
        """Typed twice alike."""
        cleaned = super().clean() or {}
        if cleaned.get("new") and cleaned.get("again") and cleaned["new"] != cleaned["again"]:
            self.add_error("again", "两次输的不一样。")
        return cleaned


class RegionField(forms.CharField):
    """A region by code or name, among those that the person may choose from."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "填12位区划代码，或镇、村的名称（重名时连同镇名，如：兴仁街道 前陶）。")
        super().__init__(max_length=60, **options)
        self.choices = Region.objects.none()

    def clean(self, value: Any) -> Region:
        """The one region that matches; otherwise a sentence with the codes to choose from."""
        typed = super().clean(value).strip()
        found = list(self.choices.filter(code=typed)) or self._by_name(typed.split())
        if not found:
            raise ValidationError("没有找到这个区域，或它不在您的范围内。")
        if len(found) > 1:
            some = "；".join(f"{region.code} {region.full_name()}" for region in found[:MOST_SUGGESTIONS])
            raise ValidationError(f"有 {len(found)} 个同名区域，请填代码：{some}")
        return found[0]

    def _by_name(self, words: list[str]) -> list[Region]:
        exact = list(self.choices.filter(name=words[-1])) if len(words) == 1 else []
        if exact or not words:
            return exact
        named = self.choices.filter(name__startswith=words[-1])
        if len(words) > 1:
            named = named.filter(parent__name__startswith=words[-2])
        return list(named[: MOST_SUGGESTIONS + 1])


class PostingForm(forms.Form):
    """A posting: as what, where, from and until when."""

    role = forms.ChoiceField(label="岗位", choices=Role)
    region = RegionField(label="负责区域")
    begins_on = forms.DateField(label="开始日期", widget=date_input())
    ends_on = forms.DateField(
        label="结束日期", required=False, widget=date_input(), help_text="不填表示一直有效；填的这一天仍有效。"
    )

    def __init__(self, regions: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].choices = regions  # type: ignore[attr-defined]
        self.fields["begins_on"].initial = timezone.localdate


class MoveForm(PostingForm):
    """Where and as what a person goes on, and from when."""

    ends_on = None  # type: ignore[assignment]


class IdentityField(forms.CharField):
    """An identity number, which becomes its digest: the number is not kept anywhere."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label="身份证号", required=False, max_length=40,
            help_text="只用来认出同一个人的几个账号，存的是算出来的校验码，号码本身不保存。可以不填。",
            widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "text"}), **options,
        )  # fmt: skip

    def clean(self, value: Any) -> str:
        """The digest; nothing for nothing."""
        return digest_of(super().clean(value))


class IdentityForm(forms.Form):
    """Whose account it is."""

    identity_index = IdentityField()


class PersonForm(MoveForm):
    """A new person with the first posting."""

    username = forms.CharField(
        label="账号", max_length=40, help_text="用拼音或工号，登录时输入。", validators=[UnicodeUsernameValidator()]
    )
    name = forms.CharField(label="姓名", max_length=30)
    unit = forms.CharField(label="工作单位", max_length=60, required=False)
    identity_index = IdentityField()
    field_order = ("name", "username", "unit", "identity_index", "role", "region", "begins_on")

    def clean_username(self) -> str:
        """Unique, whatever the capitals."""
        username = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError("这个账号已有人使用，请换一个。")
        return username


class EndForm(forms.Form):
    """The last day of a posting."""

    ends_on = forms.DateField(label="最后一天", widget=date_input(), initial=timezone.localdate)


class DelegationForm(forms.Form):
    """Who stands in for me, in which posting, for which days."""

    posting = forms.ModelChoiceField(label="委托哪个岗位", queryset=Posting.objects.none(), empty_label=None)
    deputy = forms.CharField(label="委托给（对方账号）", max_length=40)
    begins_on = forms.DateField(label="从", widget=date_input(), initial=timezone.localdate)
    ends_on = forms.DateField(label="到", widget=date_input())

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = user.postings.in_force(timezone.localdate()).filter(on_behalf_of=None)
        self.fields["posting"].queryset = own.select_related("region")  # type: ignore[attr-defined]

    def clean_deputy(self) -> User:
        """A colleague who can log in; whether he is near enough, the service decides."""
        deputy = User.objects.filter(username__iexact=self.cleaned_data["deputy"].strip(), is_active=True).first()
        if deputy is None:
            raise ValidationError("没有这个账号，请问对方的登录账号。")
        return deputy


class RegionOfficeForm(forms.ModelForm):
    """What papers print for a region; of a district also whether it is 深度贫困, which an administrator says."""

    class Meta:
        model = Region
        fields = (
            "office_name", "principal_leaders", "deputy_leader", "operator_name", "office_phone", "deep_poverty",
            "deep_poverty_source",
        )  # fmt: skip
        help_texts: ClassVar = {
            "principal_leaders": "印在纸上的第一责任人。",
            "deep_poverty": "只用来看监测对象规模参考的是 5% 还是 10%，不限制纳入。",
            "deep_poverty_source": "写文号或文件名称。",
        }

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region = self.instance
        if region.level not in (Level.COUNTY, Level.ZONE) or not by.posting_over(region, Role.SYSTEM_ADMIN):
            del self.fields["deep_poverty"], self.fields["deep_poverty_source"]
