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
headline-held = 已收到，等工作人员看一下
headline-aside = 没有作为诉求登记
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
