# After a report: the way back to it, what this phone reported, what neighbours say.
frame-bulletin = What was solved
state-title = Progress
state-lost-title = Lost the query code?
state-scan-again = <strong>The easiest way:</strong> scan the code at the door again with the same phone and choose “What I reported here”.
state-by-phone = See the progress with the number and the last four digits of your phone
state-last-four = Last four digits of the phone you left
state-hint = Shows the progress only, not what you wrote; locked for a day after 5 wrong tries
state-submit = See the progress
state-wrong = The number and the digits do not match, or no phone was left. You can try { $left } more times; then it is locked for a day
state-locked = Too many wrong tries: this number is locked until { $until }. Please phone the community, who can tell you; with the query code, use the form above
state-more-title = To read it, add something or answer
state-more = open it with the query code, or scan the code at the door again with the same phone and choose “What I reported here”. If neither works, please phone the community.
mine-link = What I reported here
mine-title = What this phone reported
mine-forgot = This phone has forgotten. What was reported goes on as before; number and query code still open it.
mine-none = Nothing was found. What was sent from another phone, before the browser was cleared, or taken down by staff is not listed here.
mine-earlier = Earlier
mine-another = Report something else
mine-not-my-phone = Not your phone?
mine-forget-means = This phone will no longer list these reports; they go on as before.
mine-forget = Let this phone forget
solved-title = Solved here lately
solved-ask = Have a look and tap; no name needed.
solved-since = closed on { $day }
solved-fixed = It is fixed
solved-broken = Still broken
solved-thanks = Thank you, noted
solved-read = The community's staff read what neighbours say.
solved-other = If something is still wrong at your home, or it is another matter, please report it: you get a number and can follow it.

## What this phone joined
mine-joined = What you met too
mine-joined-at = Joined { $when }
