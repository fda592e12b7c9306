"""The code lists of the field: what logic asks about is a TextChoices, what is only printed is a list of labels."""

from django.db import models


class HouseholdType(models.TextChoices):
    """户类型."""

    ORDINARY = "ordinary", "一般农户"
    LIFTED = "lifted", "脱贫户"
    REGISTERED_POOR = "registered_poor", "未脱贫建档立卡户"


class Health(models.TextChoices):
    """健康状况; a person may have several."""

    HEALTHY = "healthy", "健康"
    CHRONIC = "chronic", "长期慢性病"
    SERIOUS = "serious", "患有大病"
    DISABLED = "disabled", "残疾"


class LabourSkill(models.TextChoices):
    """劳动技能."""

    ORDINARY = "ordinary", "普通劳动力"
    SKILLED = "skilled", "技能劳动力"
    WEAK = "weak", "弱劳动力或半劳动力"
    LOST = "lost", "丧失劳动力"
    NONE = "none", "无劳动力"


ABLE_TO_WORK = (LabourSkill.ORDINARY, LabourSkill.SKILLED)


class IdType(models.TextChoices):
    """证件类型; a newborn has none yet."""

    IDENTITY_CARD = "identity_card", "居民身份证（户口簿）"
    DISABILITY_CARD = "disability_card", "残疾人证"
    NOT_YET = "not_yet", "暂无证件"


class Sex(models.TextChoices):
    """性别."""

    MALE = "male", "男"
    FEMALE = "female", "女"


class Dibao(models.TextChoices):
    """低保."""

    NONE = "none", "未享受"
    RURAL = "rural", "农村低保"
    URBAN = "urban", "城市低保"


class Tekun(models.TextChoices):
    """特困供养."""

    NONE = "none", "不享受"
    RURAL_HOME = "rural_home", "农村特困（分散供养）"
    RURAL_CENTRE = "rural_centre", "农村特困（集中供养）"
    URBAN = "urban", "城市特困"


class RiskCause(models.TextChoices):
    """致贫返贫风险 (risk causes of 2020; document 002 names the first five)."""

    ILLNESS = "illness", "因病"
    EDUCATION = "education", "因学"
    DISABILITY = "disability", "因残"
    DISASTER = "disaster", "因灾"
    ACCIDENT = "accident", "因意外"
    EPIDEMIC = "epidemic", "因疫情"
    UNSTABLE_JOB = "unstable_job", "因务工就业不稳"
    FAILED_VENTURE = "failed_venture", "因产业失败"
    NO_LABOUR = "no_labour", "缺劳动力"
    OTHER = "other", "其他（备注）"


class Guarantee(models.TextChoices):
    """两不愁三保障 and water; a new difficulty in one of them is a task whatever the income."""

    FOOD_CLOTHING = "food_clothing", "吃穿"
    EDUCATION = "education", "义务教育"
    MEDICAL = "medical", "基本医疗"
    HOUSING = "housing", "住房安全"
    WATER = "water", "饮水安全"


class LevelTwoFeature(models.TextChoices):
    """二级较易返贫户的情形 (六安2019)."""

    SMALL_VENTURE = "small_venture", "产业规模小"
    LITTLE_OPERATING_INCOME = "little_operating_income", "家庭经营性收入少"
    WEAK_SKILLS = "weak_skills", "劳动技能不强"
    UNSTABLE_JOB = "unstable_job", "就业不够稳定"
    LITTLE_CAPITAL = "little_capital", "发展资金不足"
    WEAK_ABILITY = "weak_ability", "自我发展能力弱"


class KeyGroup(models.TextChoices):
    """重点群体: who is visited whatever the income (六安2019)."""

    UNSAFE_HOUSE = "unsafe_house", "危房户"
    DIBAO = "dibao", "低保户"
    TEKUN_AT_HOME = "tekun_at_home", "分散供养的特困户"
    ILL = "ill", "大病慢性病人户"
    DISASTER = "disaster", "受灾户"
    FAMILY_CHANGE = "family_change", "发生重大家庭变故户"
    DISABLED = "disabled", "残疾人户"
    SERVICE_FAMILY = "service_family", "困难军烈属户"


class MonitorClass(models.TextChoices):
    """监测对象类别: the two classes (两户) of 2020, and the third of 2021."""

    RELAPSE = "relapse", "脱贫监测户"
    EDGE = "edge", "边缘户"
    SUDDEN = "sudden", "突发严重困难户"


class LifeEventKind(models.TextChoices):
    """What changes a family."""

    BIRTH = "birth", "出生"
    DEATH = "death", "去世"
    MARRIED_IN = "married_in", "婚入"
    MARRIED_OUT = "married_out", "婚出"
    MOVED_IN = "moved_in", "迁入"
    MOVED_OUT = "moved_out", "迁出"
    SPLIT = "split", "分户"
    MERGED = "merged", "并户"
    HEAD_CHANGED = "head_changed", "更换户主"
    CLOSED = "closed", "整户自然减少"


def _labels(text: str) -> list[tuple[str, str]]:
    return [(label, label) for label in text.split()]


HEAD = "户主"
SPOUSE = "配偶"
RELATIONS = _labels(
    "户主 配偶 之子 之女 之儿媳 之女婿 之孙子 之孙女 之外孙子 之外孙女 之父 之母 之岳父 之岳母 之公公 之婆婆 之祖父 之祖母 "
    "之外祖父 之外祖母 之兄弟姐妹 之曾孙子 之曾孙女 之侄儿 之侄女 之兄弟媳妇 之叔伯 其他"
)
EDUCATIONS = _labels("文盲或半文盲 小学 初中 高中 大专 本科及以上")
STUDENT_STATUSES = _labels(
    "学龄前儿童 学前教育 小学 七年级 八年级 九年级 普通高中一年级 普通高中二年级 普通高中三年级 中职一年级 中职二年级 中职三年级 "
    "高职高专一年级 高职高专二年级 高职高专三年级 技师学院一年级 技师学院二年级 技师学院三年级 技师学院四年级 "
    "本科一年级 本科二年级 本科三年级 本科四年级 本科五年级 硕士研究生及以上"
)
DISABILITY_CATEGORIES = _labels("视力 听力 言语 肢体 智力 精神 多重")  # digit 19 of the disability card, from 1
DISABILITY_LEVELS = _labels("一级 二级 三级 四级")  # digit 20, from 1
ETHNIC_GROUPS = _labels(
    "汉族 蒙古族 回族 藏族 维吾尔族 苗族 彝族 壮族 布依族 朝鲜族 满族 侗族 瑶族 白族 土家族 哈尼族 哈萨克族 傣族 黎族 傈僳族 佤族 畲族 "
    "高山族 拉祜族 水族 东乡族 纳西族 景颇族 柯尔克孜族 土族 达斡尔族 仫佬族 羌族 布朗族 撒拉族 毛南族 仡佬族 锡伯族 阿昌族 普米族 "
    "塔吉克族 怒族 乌孜别克族 俄罗斯族 鄂温克族 德昂族 保安族 裕固族 京族 塔塔尔族 独龙族 鄂伦春族 赫哲族 门巴族 珞巴族 基诺族 "
    "其他 外国血统中国籍人士"
)
HOUSING_GRADES = _labels("A级 B级 C级 D级")
UNSAFE_HOUSING = ("C级", "D级")

# Risk causes are kept in the facts row as bits, in the order of the list.
RISK_BITS = {cause: 1 << place for place, cause in enumerate(RiskCause)}
GUARANTEE_BITS = {guarantee: 1 << place for place, guarantee in enumerate(Guarantee)}
LEVEL_TWO_BITS = {feature: 1 << place for place, feature in enumerate(LevelTwoFeature)}
KEY_GROUP_BITS = {group: 1 << place for place, group in enumerate(KeyGroup)}

# What no register holds and the survey asks; the other features and groups follow from members, house and expenses.
ASKED_FEATURES = tuple(feature for feature in LevelTwoFeature if feature != LevelTwoFeature.WEAK_SKILLS)
ASKED_GROUPS = (KeyGroup.FAMILY_CHANGE, KeyGroup.SERVICE_FAMILY)
