# Looking a report up, and pages that lead nowhere.
lookup-title = 查进度
lookup-where = 单号和查询码在提交成功的页面上；工作人员代填的，在给您的回执单上。
lookup-number = 单号
lookup-number-hint = 像 TG2506010012X 这样的一串
lookup-code = 查询码
lookup-code-hint = 8 位，大小写都可以，没有 0、1 和字母 O、I、L、U
lookup-submit = 查询
lookup-lost-title = 单号或查询码找不到了？
lookup-lost = 打电话问社区，说一下什么时候、在哪个楼门反映的什么事，工作人员可以帮您查。
lookup-too-often = 查得太频繁了，请过几分钟再试；着急可以打社区电话问
gone-unknown-code = 没有找到这个码
gone-unknown-code-next = 可能是码破损了没扫清，或者少输了一位。请再扫一次；还是不行，请打电话告诉社区，一样能办。
gone-replaced-code = 此码已更换
gone-replaced-code-next = 楼门口已经换上了新码，请扫新码反映；也可以直接打电话告诉社区。
gone-stopped-code = 此码已停用
gone-stopped-code-next = 这里暂时不能扫码反映，请打电话告诉社区，一样能办。
gone-unknown-ticket = 没有找到这张单子
gone-unknown-ticket-next = 可能是网址没有复制完整，或者已经按您的要求删除。请用单号和查询码再查一次，或打电话问社区。
gone-hung = 这个码原来贴在：<strong>{ $place }</strong>
gone-report = 去反映问题
gone-look-up = 用单号和查询码查进度
error-code = 代号 { $code }。打电话询问时，把这一行告诉工作人员就可以。
error-not-found = 没有找到
error-forbidden = 不能这样做
error-conflict = 情况有变化
error-invalid = 请改一下再提交
error-too-many = 请稍等
error-fault = 出了点问题
home-title = 楼码
home-headline = 楼码 · 一楼一码，您扫我办
home-sentence = 要反映问题，请用微信扫一扫单元门口的二维码。已经反映过的，可以凭单号和查询码查进度。

# The page of somebody who met a matter too.
neighbour-joined = 已经加上您了。这件事办好以后，请回到这一页告诉我们好没好。
neighbour-photos-left = 有的照片或语音没有收下；需要的话请在下面用文字补充。
neighbour-told = 已经告诉工作人员。
neighbour-withdrawn = 您已经取消，不再计入。想再加入，请重新扫码，点“我也遇到了”。
neighbour-since = { $since } 有邻居反映，您在 { $joined } 加入。
neighbour-ended = 这件事已经结束
neighbour-done = 已经办结
neighbour-keep = 请收藏或截屏保存这一页：以后在这里看进度，办好以后在这里评价。在微信里，点右上角「…」可以收藏。
neighbour-add = 要补充什么吗？
neighbour-phone = 您的电话
neighbour-home = 您家的情况
neighbour-home-example = 例如：我家在三层，也是早上没水
neighbour-save = 保存
neighbour-cancel = 按错了，取消

## The data of somebody who met it too
neighbour-data = 这里存了您的哪些信息、存到什么时候、谁看过电话，都可以看；可以更正、下载、删除。
neighbour-notice = 怎么用您的电话，看个人信息说明
neighbour-voice = 您的语音
