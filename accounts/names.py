"""What the actions of the trace are called on the page."""

ACTIONS = {
    "session.login": "登录",
    "session.logout": "退出",
    "user.add": "新增用户",
    "user.disable": "停用用户",
    "user.enable": "启用用户",
    "user.reset_password": "重置密码",
    "user.change_password": "修改密码",
    "user.unlock": "解锁账号",
    "posting.add": "增加岗位",
    "posting.end": "结束岗位",
    "posting.delegate": "委托履职",
    "region.change_office": "修改单位信息",
}
