# What stands around every page of residents.
frame-skip = 跳到正文
frame-demo = 演示数据 · 不会有人处理这里的内容
frame-name = 一楼一码 · 您扫我办
frame-large = 大字版
frame-normal = 标准字号
frame-languages = 语言
frame-call-title = 也可以打电话反映
frame-call = 打电话反映 · { $who }
frame-help-visit = 不方便用手机？打电话或到社区居委会当面说，<strong>请工作人员代填</strong>，一样有单号、一样能查进度。不知道社区的电话，可以打 12345 问。
frame-help-call = 不方便用手机？打上面的电话，或到社区居委会当面说，<strong>请工作人员代填</strong>，一样有单号、一样能查进度。
frame-lookup = 查进度
frame-and = ；
frame-description = 单元门口扫码反映身边事，拍照、留言、查进度，不用下载 APP。
