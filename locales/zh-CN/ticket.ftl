# The page of a report: its resident follows it, answers and asks again. And of a report that waits for a person.
ticket-title = 办理进度 { $number }
ticket-received = 已收到
ticket-received-numbers = 单号 <strong>{ $number }</strong>，查询码 <strong>{ $code }</strong>。
ticket-card = 请现在存一张凭证图片
ticket-card-how = 长按下面的图片，选“保存图片”。以后扫图上的码、输入查询码就能查。
ticket-card-alt = 凭证图片：单号 { $number }，查询码 { $code }，{ $place }
ticket-card-share = 也可以在微信里点右上角「…」收藏这个页面，或发给家里人。有这个页面的人都能看、能评价，请不要发到群里。
ticket-card-later = 存凭证图片，或发给家里人
ticket-card-press = 长按图片，选“保存图片”。
ticket-card-send = 发给家里人：在微信里点右上角「…」，选“发送给朋友”。有这个页面的人都能看、能评价，请不要发到群里。
ticket-missing = 文字已经交了，有照片没有收到
ticket-missing-next = 不影响办理。想补照片，在下面的「给您的消息」里补充。
ticket-held = 现在由 <strong>{ $who }</strong> 负责。
ticket-held-until = 现在由 <strong>{ $who }</strong> 负责，<strong>{ $until }</strong>。
ticket-community = { $name }社区
ticket-due = 最晚 { $until } 前办结，{ $left }
ticket-due-caveat = 最晚 { $until } 前办结，{ $left }（{ $caveat }）
ticket-again = 正在重办；原定 { $until } 前办结，已经过了，重办不重新计时
ticket-account = 现在办不了，已经登记在案，{ $until } 前再看能不能办
ticket-promise = 工作人员会在 { $until } 前给您打电话。
ticket-promise-late = 电话联系已经超时，您可以直接打社区电话催办。
ticket-nudge = 催一催
ticket-nudge-how = 一天可以催一次；着急请打社区电话。
ticket-progress = 办理进度
ticket-about-submitted = 社区已经收到，时间从这时算起。
ticket-about-accepted = 社区看过了，由社区负责到底。
ticket-about-working = 由{ $who }办理。
ticket-about-answer = 办好了没有，请您评价。
ticket-refused = 没有受理
ticket-refused-why = 原因：
ticket-refused-next = 有疑问请打社区电话。
ticket-withdrawn = 已经撤回
ticket-withdrawn-next = 您撤回了这件事。需要时可以重新扫码反映。
ticket-merged = 已经和同样的事合在一起办
ticket-merged-next = 邻居也反映了这件事，进度看下面，办好一起告诉您。
ticket-result = 处理结果
ticket-result-of-part = 处理结果：
ticket-result-photo = 处理后的第 { $count } 张照片

## The receipt as a picture
card-sent = { $time } 提交
card-scan = 扫左边的码，再输入上面的查询码
card-door = 扫楼门口的码，点“查进度”，输入单号和查询码
card-phone = 社区电话
card-anyone = 有单号和查询码就能看到办理情况、替您评价
card-family = 请只发给家里人，不要发到群里
card-demo = 演示数据

## Not done, and other matters of the same report
ticket-rework = 没有办好？
ticket-rework-shared = 这件事邻居也反映了，是一起办的。您家还没好的，在这里说，只重办您这一件。
ticket-rework-rule = 办结后 { $days } 天内（{ $until } 前）可以要求重办。
ticket-rework-home = 我家还没好
ticket-rework-ask = 请再办一次
ticket-rework-what = 哪里还没有办好？
ticket-parts = 您一起反映的其他事
ticket-part = 您还反映了：{ $headline }
ticket-part-number = 单号 { $number }
ticket-part-answer = 评价这件事
ticket-part-rework = 没有办好？请再办一次

## Messages both ways
ticket-messages = 给您的消息
ticket-messages-none = 还没有消息。工作人员回复后会显示在这里。
ticket-you = 您
ticket-message-photo = 补充的第 { $count } 张照片
ticket-message-write = 补充情况，或问问进度
ticket-message-photos = 加照片（可以不加）
ticket-message-slot = 照片 { $count }
ticket-message-heavy = 这张超过 10 MB，请换一张小一点的
ticket-message-send = 发给工作人员
ticket-photos-added = 补充了 { $count } 张照片

## What was reported
ticket-yours = 您反映的内容
ticket-place = 地点
ticket-category = 类别
ticket-matter = { $tile }：{ $matter }
ticket-words = 内容
ticket-photo = 反映时的第 { $count } 张照片
ticket-voice = 您的语音留言
ticket-withdraw = 不用办了，我要撤回
ticket-withdraw-sure = 我确认撤回，社区不再办理这件事
ticket-withdraw-until = 受理以后就不能撤回了
ticket-withdraw-do = 撤回
ticket-data-what = 这件事存了您的哪些信息、存到什么时候、谁看过，都在这里；可以更正、下载、删除。
ticket-data-open = 看我的数据

## What was just done
ticket-done-rework = 已经交回去重办，有进展会写在这里。
ticket-done-message = 您的话已经发给工作人员。
ticket-done-withdrawal = 已经撤回。
ticket-done-nudge = 已经替您催了，工作人员看得到。

## The three questions, of whoever reported it and of neighbours
answer-wrong = 这一步还没有完成
answer-title = 请您评价
answer-how = 三个问题分开回答，照实说就好。
answer-contacted = 工作人员联系过您吗？
answer-contacted-yes = 联系过
answer-contacted-no = 没有联系
answer-solved = 事情解决了吗？
answer-solved-yes = 解决了
answer-solved-no = 没解决
answer-satisfied = 您满意吗？
answer-comment = 想说的话
answer-free = 可以不写
answer-submit = 提交评价
answer-noted = 谢谢，您的评价已经记下。
answer-yours = 您的评价
answer-yours-said = 您说：{ $comment }

## A report that waits for a person
waiting-title = 已收到 · { $place }
waiting-received = 已收到，等工作人员看一下
waiting-why = 这会儿提交的人很多，您写的内容已经收好了，一件也不会丢。工作人员看过以后，这个页面会出现单号和办理进度；办理时限从您提交的时刻算起。
waiting-keep = 请收藏或截屏保存这个页面的网址，过一会儿再打开看。着急的事，请直接打下面的社区电话。
waiting-aside = 没有作为诉求登记
waiting-aside-test = 社区看过，认为这是一次测试，没有编号办理。
waiting-aside-repeated = 社区看过，认为是重复提交了很多次的内容，没有编号办理。
waiting-aside-empty = 社区看过，没有看出要办的事，没有编号办理。
waiting-aside-next = 如果看错了，请打下面的社区电话，工作人员可以找回来；也可以重新扫码再反映一次。
waiting-photos = 照片
waiting-photos-none = 没有收照片
waiting-phone-left = 已留，只给社区工作人员
