# 我的数据: what is kept about whoever reported. And the privacy notice of a community, whose own words stay as they are.
data-title = My data
data-back = ← Back to my report
data-kept = Number { $number }. This is what is kept about you. It is used to handle this matter and to ask you how it went, and for nothing else:
data-since = Sent
data-words = What you wrote
data-photos = Photos you sent
data-photos-count = { $count ->
    [one] 1 photo
   *[other] { $count } photos
}
data-said = What you added and answered
data-said-count = { $count ->
    [one] 1 entry, on the page of your report
   *[other] { $count } entries, on the page of your report
}
data-comment = Your comment
data-device = Mark of the device
data-device-kept = Yes (encrypted; it does not tell whose phone it is)
data-nothing = None
data-name = Name
data-phone = Phone
data-not-left = None left
data-share = Whoever fixes it may have your number
data-publish = The result may be public
data-agreed = Yes
data-not-agreed = No
data-until = Your contact details are kept until
data-until-time = { $until }, then they are deleted by themselves
data-until-closed = some time after the matter is closed, then they are deleted by themselves. The date will stand here once it is closed
data-until-erased = deleted already
data-notice = The notice you agreed to
data-notice-version = Version { $version }
data-stays = The matter itself, how it was handled and the figures are kept for good, without your name and phone. Numbers are masked on this page. If you need a record, take a screenshot.
data-looks = Who has looked at your phone and your words
data-looks-none = Nobody so far. Staff must give a reason to look, and every time is noted here; a full report that two people let out is noted in the audit log instead.
data-look = { $who } looked at phone and words, { $when }. Reason:

## Correct, download, delete
data-correct = Correct
data-correct-name = Your name
data-correct-phone = New phone number
data-unchanged = leave empty to keep it
data-without-phone = Remove my phone number
data-without-phone-means = Then we cannot call you back
data-save = Save
data-correct-means = This does not hold anything up; the time limits stay.
data-corrected = Saved. Your report is handled as before and the time limits stay.
data-download = Download
data-download-phone = The phone number you left
data-download-free = optional
data-download-why = With the right number, the file shows phone numbers in full. Without it, they are masked as on this page, so that whoever gets this address cannot read your number.
data-download-do = Download my data
data-download-wechat = WeChat cannot download files. Take a screenshot, or tap “…” at the top right, open this page in a browser and download it there.
data-erase = Delete
data-erase-done = Your phone, name, device mark, photos and the numbers in your words are deleted.
data-erase-what = This deletes: your phone, form of address, the mark of your device, who you are to the place, your photos and recordings, and phone and ID numbers in the words. The matter, its history and the figures stay.
data-erase-open = <strong>This matter is not finished. Once deleted, nobody can call you back;</strong> you can only see the result on the page of your report.
data-erase-sure = I understand, please delete it
data-erase-final = It cannot be brought back
data-erase-do = Delete my personal data
data-erased = Deleted; it cannot be brought back. Your report is handled as before and you can still follow it.

## The file that is downloaded
file-what-whole = These are all your data, please keep them safe
file-what-masked = Phone, name and numbers in the words are masked; type in the phone number you left when you download, and they are shown in full
file-spot = More about the place
file-text = Words
file-photos = Photos
file-share = Whoever fixes it may have the phone
file-publish = The result may be public
file-notice = Version of the notice
file-until = Contact details are kept until
file-device = Has a mark of the device
file-answers = Answers
file-contacted = Contacted
file-solved = Solved
file-satisfied = Satisfied
file-comment = Comment
file-history = History
file-time = Time
file-who = Who
file-what = What
file-looks = Who looked at phone and words
file-reason = Reason
file-made = Made at
file-about = About this file

## The privacy notice
notice-title = Privacy notice
notice-title-of = Privacy notice · { $community }
notice-current = Version <strong>{ $version }</strong>, in use since { $since }. It is the current one.
notice-past = Version <strong>{ $version }</strong>, in use since { $since }. There is a newer one now.
notice-first = the beginning
notice-whole = The whole text
notice-others = Other versions
notice-other-since = since { $since }

## Voice, relation, and the data of what waits and of neighbours
data-voices = Your recordings
data-voices-count = { $count ->
    [one] 1 recording
   *[other] { $count } recordings
}
data-relation = Who you are to the place
data-kept-waiting = Staff have not looked at this one yet, so it has no number. This is what is kept about you, for this matter alone and for calling you back:
data-kept-neighbour = You joined a matter that a neighbour reported. This is what is kept about you, for this matter alone and for calling you back:
data-joined = Joined
data-until-waiting = Once staff have looked at it, it says so here; what is not registered as a report is deleted by itself after some time
data-until-aside = It was not registered as a report and is deleted by itself after some time
data-erase-neighbour = This deletes: your phone, the mark of your device, what you added, your recordings and photos. What your neighbour reported is handled as before; that somebody met it, and how they judged it, stays, and nobody can tell who.
file-voices = Recordings
file-address = Address
file-size = Pixels
file-seconds = Seconds
