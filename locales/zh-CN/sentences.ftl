# Finished sentences of other rooms that residents meet. The text is found by itself: it must be word for word what the
# code or the tables say. Names called count, limit, days, hours, minutes, year, month and day stand for whole numbers.

## Times
said-moment = { $year }年{ $month }月{ $day }日 { $time }
said-left = 还剩 { $time }
said-overdue = 超期 { $time }
said-no-minute = 不到 1 分钟
said-minutes = { $minutes } 分钟
said-hours = { $hours } 小时
said-hours-minutes = { $hours } 小时 { $minutes } 分钟
said-days = { $days } 天
said-days-hours = { $days } 天 { $hours } 小时

## Categories of level 1, and what to do in danger
tile-01 = 房屋与公共设施
tile-02 = 电梯
tile-03 = 物业服务
tile-04 = 水
tile-05 = 电气热通信
tile-06 = 停车与出行
tile-07 = 消防与电动车
tile-08 = 环境卫生
tile-09 = 绿化与公共空间
tile-10 = 违建与装修
tile-11 = 邻里与治安
tile-12 = 民生服务
danger-0104 = 墙皮、外窗、附着物要掉落：请远离下方并绕行
danger-0107 = 井盖缺失、破损：请勿靠近
danger-0201 = 电梯困人：请先按轿厢内应急按钮，或拨打 119
danger-0402 = 水管爆裂、跑水：请先关闭户内总阀
danger-0502 = 电线裸露、电表箱隐患：请勿触碰，请远离
danger-0503 = 燃气异味、泄漏：请勿开关电器，立即开窗离开，到室外拨打燃气抢修电话或 119
danger-0506 = 暖气漏水：请先关闭分户阀门
danger-0603 = 占用消防通道：如遇火警请先拨打 119
danger-0902 = 树要倒、枯枝危险：请勿靠近
danger-1002 = 拆承重墙、违规装修：如有险情请先离开并拨打 119
danger-1106 = 可疑人员、偷盗、高空抛物：请先拨打 110

## Refusals of every page
sorry-not-found = 没有找到，或者您无权查看
sorry-forbidden = 您的岗位不能做这一步
sorry-too-many = 操作太频繁，请稍等一会儿再试
sorry-fault = 系统出了问题，您的内容没有丢失，请稍后再试
sorry-form-cut = 表单没有收完整，请返回上一页再提交一次
sorry-form-cut-kept = 表单没有收完整，请返回上一页再提交一次；您填写的内容还在上一页
sorry-form-broken = 网络中断，没有收完整，请再提交一次；已写的内容还在上一页
sorry-form-much = 表单的内容太多了
sorry-form-large = 提交的内容太大了，请少传几张照片，或把照片拍小一点
sorry-form-coding = 文字的编码不对，请换个浏览器再试
sorry-old-page = 页面有些旧了，请再点一次提交
sorry-sent-before = 这张表已经交过一次，内容和这次不一样。如果是另一件事，请再点一次提交；如果是同一件，不用再交
sorry-phone = 电话号码好像不对：手机是 11 位，座机请带区号；也可以不留

## Refusals of photos
sorry-photo-busy = 现在传照片的人较多，请过一分钟再传
sorry-photo-broken = 这张照片没有传完整，或者文件已损坏，请重新选一次，或截一张图再传
sorry-photo-wide = 这张照片的尺寸太大（边长或像素过多），请截一张图再传，或在相机里选小一些的尺寸
sorry-photo-large = 这张照片超过 10 MB，请截一张图再传，或在相机里选小一些的尺寸
sorry-photo-empty = 这张照片是空的，可能没有传完整，请重新选一次
sorry-photo-gif = 这是 GIF 动图，请换成普通照片，或截一张图再传
sorry-photo-pdf = 这是 PDF 文件，不是照片，请打开它截一张图再传
sorry-photo-bmp = 这张照片是 BMP 格式，请截一张图再传
sorry-photo-tiff = 这张照片是 TIFF 或相机原始格式，请截一张图再传
sorry-photo-none = 这个文件不是照片。请从手机相册里选一张照片，或现场拍一张
sorry-photo-heic = 这张照片是 HEIC 格式，暂时打不开。请在手机“设置→相机→格式”里选“兼容性最佳”后重拍，或截一张图再传
sorry-photo-avif = 这张照片是 AVIF 格式，暂时打不开，请截一张图再传
sorry-photo-film = 这像是一段视频，这里只收照片，请从视频里截一张图再传

## Refusals of looking up
sorry-no-match = 工单号和查询码对不上，请再核对一遍

## Whom one can call
contact-community = 社区
contact-property = 物业

## The door: who one is, how far it is, how it went
role-owner = 业主
role-tenant = 租户
role-resident = 住户
role-shop = 商户
role-rider = 骑手
role-visitor = 访客
role-other = 其他
headline-submitted = 已经提交，等社区受理
headline-accepted = 社区已经受理
headline-working = 正在处理
headline-ended = 这件事已经结束
headline-done = 已经办结
step-submitted = 已提交
step-accepted = 已受理
step-working = 处理中
step-done = 已办结
grade-good = 满意
grade-mostly = 基本满意
grade-bad = 不满意
sorry-choose-contacted = 请选：工作人员联系过您吗
sorry-choose-solved = 请选：事情解决了吗
sorry-choose-satisfied = 请选：您满意吗
progress-done = 已完成
progress-now = 现在在这一步
progress-ahead = 还没到
progress-never = 不再进行
sorry-miswritten = 单号好像抄错了一位，请再核对一遍
sorry-last-four = 请填写当时留的电话的最后四位数字

## More times
said-month = { $year }年{ $month }月
said-date = { $month }月{ $day }日
said-workdays = { $days } 个工作日
said-workdays-hours = { $days } 个工作日 { $hours } 小时
said-left-rest = 还剩 { $time }（休息日不算）
said-caveat = { $year } 年放假安排尚未公布，暂按周末推算
said-caveat-years = { $from } 至 { $year } 年放假安排尚未公布，暂按周末推算

## What the program writes into the history of a report
said-published = 处理结果已在“办结公示”里公开，只有类别、楼号和办了什么，没有您的姓名、电话和原话。不愿意公开，在这里留言就会撤下。
said-passed-on = 已转交{ $to }，编号 { $number }。{ $reason }

## Who of staff wrote or looked, as residents are told
who-resident = 居民
who-outsider = 外部办理人
who-supporter = 协办单位经办人
who-handler = 承办单位经办人
who-grid = 网格员
who-worker = 社区工作者
who-lead = 社区负责人
who-street = 街道管理员
who-auditor = 审计员
who-admin = 系统管理员
who-timer = 系统定时

## What can no longer be done, and where it stands
status-new = 待受理
status-follow-up = 待回访
status-archived = 已归档
status-refused = 不予受理
status-withdrawn = 已撤回
status-merged = 已并案
what-answer = 评价
what-rework = 重办
what-withdraw = 撤回
what-nudge = 催单
what-reply = 居民补充
what-correct = 居民更正个人信息
what-erase = 居民删除个人信息
sorry-past = 这件诉求现在是“{ $status }”，不能再{ $what }；请刷新看看最新情况
sorry-changed = 刚才有人先处理了这件诉求，您的操作没有生效；请看最新情况再决定

## Refusals on the page of a report
sorry-comment-long = 评语最多 500 字
sorry-rework-empty = 请写一下哪里还没有办好，我们好对症处理
sorry-rework-late = 办结已超过 { $days } 天，不能再重办；请重新扫码反映，或拨打社区电话
sorry-note-long = 最多 2000 字，现在是 { $count } 字，请删短一些
sorry-message-empty = 请先写点内容，或选一张照片，再发送
sorry-message-photos = 一次最多 { $limit } 张，其余的可以再发一次
sorry-message-heavy = 有一张照片超过 10 MB，请换一张小一点的
sorry-photos-many = 照片已经很多了（最多 { $limit } 张），请用文字补充，或打社区电话
sorry-photos-hour = 这一小时传的照片太多了，这次的没有收。文字可以先发，照片请过一会儿再传，或打社区电话
sorry-replies-many = 您今天已经补充了 { $limit } 次，社区都收到了。写好的内容还在这里，请明天再发；着急请打社区电话 { $phone }
sorry-corrections-many = 今天已经改了 { $limit } 次，请明天再改；着急请打社区电话
sorry-photos-full = 这件诉求的照片已经很多了（最多 60 张）
sorry-nudged = 今天已经催过了，工作人员看得到；着急可以打社区电话
sorry-withdraw-unsure = 请先勾选“我确认撤回”
sorry-name-long = 称呼最多 20 字
sorry-unchanged = 没有要改的内容：请填新的电话或称呼，或改一下勾选
sorry-erase-unsure = 请先勾选“我明白，确认删除”；没有勾选，什么也没有删
sorry-known-slow = 试得太频繁了，请过几分钟再试；不填电话可以直接下载
sorry-known-wrong = 和您留的电话对不上，请核对；不填也可以下载

## Refusals to neighbours, and of voice messages
sorry-joined-late = 这件事刚刚办结了。如果还没有好，请选“是另一件事”再交一次，我们接着办
sorry-told-late = 这件事已经办结或者您已经取消，不用再补充了；没办好可以在这一页评价，或打社区电话
sorry-told-nothing = 请填写电话，或者写一句话，再点保存
sorry-answered = 您已经评价过了，或者评价的时间已经过去；没办好请重新扫码反映或打社区电话
sorry-words-long = 最多 500 字，请删短一些
sorry-says = 请选“修好了”或“还没好”
sorry-not-asked = 这件事已经不在这里问了，多半又在办了；有问题请再反映一次
sorry-at-work = 这件事现在又在办了，办好会再请大家看一看
sorry-full = 现在提交的人太多，暂时收不下了，您写的内容还在这一页。请过十分钟再点提交；着急的事请打页面下方的社区电话
sorry-voice-empty = 这段语音是空的，请再录一次
sorry-voice-format = 这段语音的格式打不开，请改用文字，或点键盘上的话筒说
sorry-voice-film = 这是一段视频，这里只收语音；照片请放到照片栏
sorry-voice-long = 语音最长 60 秒，请录短一些，或分成文字写
sorry-voice-large = 这段语音超过 2 MB，请录短一些
sorry-voices-many = 这件诉求的语音已经很多了（最多 { $limit } 段），请改用文字
sorry-file-empty = 文件是空的，请重新选一次

## What was done to a report, as its resident reads it in the file of their data
did-submit = 提交
did-accept = 受理
did-merge = 并案
did-unmerge = 撤销并案
did-split = 拆分
did-dispatch = 派单
did-take = 接单
did-transfer = 转派
did-return = 退回
did-extend = 延期
did-suspend = 挂账
did-resume = 销账
did-pass-on = 转出
did-close = 办结
did-archive = 归档
did-safe = 排险
did-message = 给居民留言
did-publish = 公示结果

## Files that go ahead of their report
sorry-uploads-busy = 现在传照片的人较多，请过一会儿再传；文字可以先提交
sorry-upload-held = 这个文件正在处理，请稍等一会儿再传
sorry-upload-long = 传来的比说好的多，请重新选一次
sorry-upload-short = 还没有传完
sorry-upload-length = 请写明文件的长度（Upload-Length）
sorry-upload-offset = 请写明从哪里接着传（Upload-Offset）
sorry-loose = { $what }放得太久，已经清掉了，请重新选一次
loose-photo = 照片
loose-voice = 语音
sorry-text-empty = 请写一下是什么事
