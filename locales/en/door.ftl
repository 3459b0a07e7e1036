door-title = Report something · { $place }
door-here = You are reporting something at this place
door-replaced = This code has been replaced and a new one hangs at the door; this time you can still report here.
door-wrong-title = Not sent yet. Please change this
door-wrong-note = What you wrote is still here. Photos chosen just now have to be chosen again; photos that have arrived do not.
door-danger = In danger, call first:
door-fire = Fire
door-police = Police
door-ambulance = Ambulance
door-category = 1. What is it about?
door-choose-one = please choose one
door-text = 2. What is the matter, and where exactly?
door-required = required
door-text-example = For example: the light on the second floor is out, one cannot see the steps at night
door-text-limit = Up to { $limit } characters
door-photo = 3. Take a photo
door-photo-free = optional, up to { $limit }
door-photo-kept = Photos that have arrived:
door-photo-kept-alt = Photo { $count } that has arrived
door-photo-drop = Remove this photo
door-photo-slot = Take or choose photo { $count }
door-photo-preview = Preview of photo { $count }
door-photo-heavy = This one is over 10 MB and may not go through. Please choose another or take a smaller one.
door-photo-care = Please keep faces, documents and number plates out of the picture. Where it was taken and the like is removed from the file.
door-phone = 4. Your phone number
door-phone-free = optional
door-phone-why = Without a number we cannot call you back. If you leave one, only the community staff call you, about this matter.
door-share = Whoever comes to fix it may have my number
door-share-else = Otherwise the community calls for you
door-share-title = May those who do the work have your phone?
door-publish = The result may be shown to the neighbours
door-publish-how = Without your name, number or flat
door-publish-title = May neighbours see the result?
door-notice-language = The community publishes this notice in Chinese; the Chinese text is the one that holds.
door-notice-full = Read the whole privacy notice
door-notice-version = Version of the notice: { $version }. No fee, no ID or bank card number, no app to install.
door-submit = Send
door-photo-most = Up to { $limit } photos; the others were not taken
door-photo-too-large = The photo “{ $name }” is over 10 MB and was not taken; please choose another or take a smaller one
door-photo-refused = The photo “{ $name }”: { $why }
door-photo-nameless = unnamed
door-category-missing = Please choose one; if unsure, the closest one
door-text-missing = Please write what is the matter and where; a sentence or two will do
door-text-long = Up to { $limit } characters, now it is { $count }; please shorten it
door-back = Back
door-next = Next
door-step = Step { $count } of { $limit }
door-send = Last step: look it over and send
door-photo-unsent = Photo { $count } did not go through
door-photo-cleared = One photo had waited too long and is gone
door-photo-crowd = { $count ->
    [one] One photo was not taken: too many people are sending just now. Once your report is registered you can add it on its page
   *[other] { $count } photos were not taken: too many people are sending just now. Once your report is registered you can add them on its page
}
door-dictate = Typing is hard? Tap the microphone of your keyboard and speak; it becomes text.
door-voice = Or record a message of up to 60 seconds for the staff to hear.
door-voice-kept = Your recording has arrived.
door-voice-drop = Remove this recording

# What is being handled, planned, and the same.
door-gas = Gas emergency
door-grid = Grid worker
door-danger-mark = ⚠ In danger, call first
door-urgent = If somebody is hurt, or there is fire or a gas leak, call first and fill in this form afterwards:
door-relation = You are here as
door-relation-free = optional
door-handled = What is being handled here
door-handled-how = If you have it too, one tap is enough, without a form; when it is done, you say yourself how it went.
door-me-too = I have this too
door-since = reported { $when }
door-neighbours = { $count ->
    [one] one more neighbour has it
   *[other] { $count } more neighbours have it
 }
door-state-submitted = Sent, waiting for the community to accept it
door-state-accepted = Accepted by the community
door-state-working = Being worked on
door-state-account = Cannot be done for now, on record to be looked at again
door-works = Planned works
door-works-now = under way
door-works-when = { $from } to { $until }
door-work-now = Works under way: { $what }, expected to be over { $until }
door-work-coming = Planned works: { $what }, { $when }
door-same = Is it the same matter?
door-same-short = “Add me” is enough, there is no need to report it again:
door-same-why = What you wrote is not sent yet and is all kept. If a neighbour has already reported the same matter, choose “Add me”: you get a page of your own to follow it, and say yourself how it went.
door-same-join = That is it, add me
door-same-another = No, it is another matter, send it
door-same-typed = What you wrote:
door-same-photos = { $count ->
    [one] One photo has arrived.
   *[other] { $count } photos have arrived.
 }
door-same-missing = Some photos did not arrive:
door-same-missing-next = You can send it all the same, and add photos on the page of your report.
door-own = You reported this yourself, it is being handled
door-own-next = There is no need to report it again, and it is not counted twice. To add something or see how far it is, open your page with its number and query code.
door-not-joined = You were not added
door-go-back = Back to the page of this door
door-trap = Leave this empty
door-notice-lists = What is collected and who may see it (two lists, in Chinese)
door-notice-open = Open this version
door-notice-collected = What is collected, and what for
door-notice-recipients = Who may see it
