# After a report: the way back to it, what this phone reported, what neighbours say.
frame-bulletin = 办结公示
state-title = 办理进度
state-lost-title = 找不到查询码？
state-scan-again = <strong>最简单：</strong>用当时那部手机，再扫一次楼门口的码，点“我在这里反映过的”。
state-by-phone = 用单号和电话后四位查办到哪一步
state-last-four = 当时留的电话的后四位
state-hint = 只显示办到哪一步，不显示内容；错 5 次锁一天
state-submit = 查办到哪一步
state-wrong = 单号和电话后四位对不上，或者当时没有留电话。还可以试 { $left } 次，再错就要锁一天
state-locked = 试错的次数太多，这个单号锁到 { $until }。请打电话问社区，一样能查；有查询码的，可以用上面的办法查
state-more-title = 想看内容、补充情况或评价？
state-more = 要用查询码打开，或在当时用的手机上再扫一次楼门口的码，点“我在这里反映过的”。都不行，请打社区电话。
mine-link = 我在这里反映过的
mine-title = 这部手机反映过的
mine-forgot = 这部手机上的记录已经清掉。反映的事照常办理，凭单号和查询码还能查。
mine-none = 没有找到。换过手机、清过微信缓存，或者是工作人员代填的，这里就看不到。
mine-earlier = 更早的
mine-another = 再反映一件事
mine-not-my-phone = 这不是我的手机？
mine-forget-means = 清掉以后，这部手机上再也列不出这些单子；事情照常办理。
mine-forget = 清掉这部手机上的记录
solved-title = 这里最近办好的事
solved-ask = 路过看一眼，点一下就行；不用留名。
solved-since = { $day }办结
solved-fixed = 修好了
solved-broken = 还没好
solved-thanks = 谢谢，记下了
solved-read = 社区工作人员看得到大家怎么说。
solved-other = 您家还有问题，或者是另一件事，请再反映一次，会有单号、能查进度。

## What this phone joined
mine-joined = 您也遇到的
mine-joined-at = { $when } 加入
