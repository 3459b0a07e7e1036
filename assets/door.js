// The form of a door on a phone: photos that go ahead with their progress, a voice message, what was begun and is offered
// again, and the report that goes out or waits. Builds on phone.js; everything works without both.
(function () {
  "use strict";
  var page = window.louma, phone = page && page.phone;
  if (!phone) return;

  var DRAFT_DAYS = 7, SPEAK = 60, DAY = 24 * 3600 * 1000;
  var say = page.say, make = phone.make, button = phone.button, list = phone.list, store = phone.store, files = phone.files;
  var ask = phone.ask, parsed = phone.parsed, send = phone.send, shrink = phone.shrink, fields = phone.fields;
  var value = phone.value, post = phone.post, drop = phone.drop, wait = phone.wait, show = phone.show;
  var numbers = phone.numbers, board = phone.board;

  // The form of a door.
  page.each("form[data-more]", function (form) {
    var door = form.getAttribute("data-door"), action = form.getAttribute("data-key");
    var slots = Array.prototype.slice.call(form.querySelectorAll("[data-slot]")).map(slot);
    var voice = recorder();
    var leaving = false, mine = null;

    // `going`: the form is sent as without this script, and what goes with it comes back with its page.
    function remember(going) {
      if (leaving) return;
      var held = slots.concat(voice ? [voice] : []).filter(function (each) { return each.id; });
      store("more:" + action, { at: Date.now(), fields: fields(form).filter(function (pair) {
        return /^(category|share_phone|publish|relation)$/.test(pair[0]);
      }), files: held.map(function (each) {
        var goes = going === true && (!!each.kept || (!!each.chosen && each.chosen()));
        return { id: each.id, place: each.place, seconds: each.seconds, kept: each.kept, url: each.url, went: goes };
      }) });
    }
    form.addEventListener("change", remember);

    function slot(node, index) {
      var input = node.querySelector("input"), remove = node.querySelector("button");
      var bar = make("progress"), line = make("p", "soft state"), retry = button(say("photo_again"), function () { go(); });
      var image = node.querySelector("img") || node.insertBefore(make("img"), input.nextSibling);
      image.alt = node.getAttribute("data-slot");
      image.hidden = !image.src;
      var self = { place: index + 1 };
      bar.max = 100;
      bar.setAttribute("aria-hidden", "true");
      bar.hidden = line.hidden = retry.hidden = true;
      line.setAttribute("role", "status");
      [bar, line].forEach(function (each) { node.insertBefore(each, remove); });
      node.appendChild(retry);
      function tell(words, kind) {
        line.hidden = !words;
        line.textContent = words || "";
        line.className = kind || "soft state";
      }
      function clear() {
        if (self.id) files.drop(self.id);
        if (self.url && !self.kept) ask("DELETE", self.url, {}, null, 10000).catch(function () {});
        if (self.hidden) self.hidden.remove();
        self.id = self.kept = self.url = self.hidden = self.task = self.lost = null;
        input.disabled = false;
        bar.hidden = retry.hidden = true;
        tell("");
      }
      function keep(kept) {
        self.kept = kept;
        self.hidden = make("input");
        self.hidden.type = "hidden";
        self.hidden.name = "kept";
        self.hidden.value = kept;
        node.appendChild(self.hidden);
        // The photo is there: the form need not carry it once more.
        input.disabled = true;
        bar.hidden = retry.hidden = true;
        tell(say("photo_there"));
        remember();
      }
      function go() {
        var id = self.id;
        retry.hidden = true;
        bar.hidden = false;
        bar.value = 0;
        tell(say("photo_sending", { percent: 0 }));
        self.lost = null;
        self.task = files.get(id).then(function (blob) {
          var task = { door: door, blob: blob, url: self.url, begun: function (url) { self.url = url; remember(); } };
          return send(task, function (percent) {
            if (self.id !== id) return;
            bar.value = percent;
            tell(say("photo_sending", { percent: percent }));
          });
        }).then(function (kept) { if (self.id === id) keep(kept.kept); }, function (why) {
          if (self.id !== id) return;
          self.lost = why;
          bar.hidden = true;
          retry.hidden = !why.broken;
          if (why.busy) tell(say("photo_with_form"));
          else tell(why.sentence || say("photo_later"), why.broken ? "soft state" : "wrong state");
        });
        return self.task;
      }
      self.go = function () { return self.id && !self.kept && self.task ? go() : Promise.resolve(); };
      function take(file) {
        var id = self.id = "draft:" + action + "/" + self.place + "/" + page.random().slice(0, 8);
        self.task = shrink(file).then(function (blob) {
          return files.put(id, blob).then(function () { if (self.id === id) { remember(); return go(); } });
        });
      }
      input.addEventListener("change", function () {
        clear();
        if (input.files[0]) take(input.files[0]);
        remember();
      });
      self.chosen = function () { return !input.disabled && input.files.length > 0; };
      // Chosen before this script was there, or put back by the browser.
      self.adopt = function () { if (!self.id && input.files[0]) take(input.files[0]); };
      remove.addEventListener("click", function () {
        clear();
        if (self.restored) { self.restored = false; image.removeAttribute("src"); }
        remember();
        page.slots();
      });
      // What was chosen on an earlier visit.
      self.restore = function (held) {
        if (held.kept) {
          image.src = door + "/photos/" + held.kept;
          self.id = held.id;
          keep(held.kept);
        }
        return (held.kept ? Promise.resolve(true) : files.get(held.id)).then(function (blob) {
          if (!blob) return false;
          self.id = held.id;
          self.url = held.url;
          self.restored = true;
          if (!held.kept) { image.src = URL.createObjectURL(blob); go(); }
          node.hidden = image.hidden = remove.hidden = false;
          node.setAttribute("data-held", "");
          return true;
        });
      };
      return self;
    }

    // A voice message of up to a minute, where the browser can record one.
    function recorder() {
      var box = form.querySelector("[data-voice]");
      var devices = navigator.mediaDevices;
      if (!box || !window.MediaRecorder || !devices || !devices.getUserMedia) return null;
      var self = {}, running = null, begun = 0, clock = null;
      var hidden = make("input"), line = make("p", "soft state"), player = make("audio");
      hidden.type = "hidden";
      hidden.name = "voice";
      player.controls = true;
      line.setAttribute("role", "status");
      var start = button(say("voice_start"), toggle, "plain"), away = button(say("voice_drop"), function () { clear(); remember(); });
      player.hidden = away.hidden = line.hidden = true;
      [start, line, player, away].forEach(function (each) { box.appendChild(each); });
      box.hidden = false;
      var kinds = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus", "audio/aac"];
      var kind = kinds.filter(function (each) { return MediaRecorder.isTypeSupported && MediaRecorder.isTypeSupported(each); })[0];
      function tell(words, wrong) { line.hidden = !words; line.textContent = words; line.className = wrong ? "wrong state" : "soft state"; }
      function clear() {
        if (self.id) files.drop(self.id);
        self.id = self.kept = self.url = self.task = self.lost = null;
        hidden.remove();
        player.hidden = away.hidden = true;
        player.removeAttribute("src");
        start.textContent = say("voice_start");
        tell("");
      }
      function toggle() {
        if (running) { running.stop(); return; }
        devices.getUserMedia({ audio: true }).then(record, function () { tell(say("voice_refused"), true); });
      }
      function record(stream) {
        var parts = [];
        clear();
        running = kind ? new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: 32000 }) : new MediaRecorder(stream);
        running.ondataavailable = function (event) { if (event.data.size) parts.push(event.data); };
        running.onstop = function () {
          var seconds = Math.min(SPEAK, Math.max(1, Math.round((Date.now() - begun) / 1000)));
          var type = (running.mimeType || kind || "audio/webm").split(";")[0].replace("video/", "audio/");
          clearInterval(clock);
          running = null;
          stream.getTracks().forEach(function (track) { track.stop(); });
          if (parts.length) take(new Blob(parts, { type: type }), seconds);
        };
        begun = Date.now();
        running.start();
        clock = setInterval(tick, 250);
        tick();
      }
      function tick() {
        var seconds = Math.floor((Date.now() - begun) / 1000);
        start.textContent = say("voice_stop", { seconds: seconds, most: SPEAK });
        if (seconds >= SPEAK && running) running.stop();
      }
      function take(blob, seconds) {
        var id = "draft:" + action + "/voice/" + page.random().slice(0, 8);
        hold(id, seconds, URL.createObjectURL(blob));
        self.task = files.put(id, blob).then(function () { remember(); if (self.id === id) return go(); });
      }
      // It takes the place of one that came with the page.
      function hold(id, seconds, src) {
        self.id = id;
        self.seconds = seconds;
        player.src = src;
        player.hidden = away.hidden = false;
        start.textContent = say("voice_again");
        page.each("input[name=voice_removed]", function (old) { old.checked = true; }, form);
      }
      function keep(kept) {
        self.kept = hidden.value = kept;
        form.appendChild(hidden);
        tell(self.seconds ? say("voice_there", { seconds: self.seconds }) : "");
        remember();
      }
      function go() {
        var id = self.id;
        tell(say("voice_sending"));
        self.lost = null;
        self.task = files.get(id).then(function (blob) {
          return send({ door: door, blob: blob, seconds: self.seconds, url: self.url, begun: function (url) { self.url = url; } });
        }).then(function (kept) {
          if (self.id === id) keep(kept.kept);
        }, function (why) {
          if (self.id !== id) return;
          self.lost = why;
          tell(why.sentence || say("photo_later"), !why.broken);
        });
        return self.task;
      }
      self.go = function () { return self.id && !self.kept && self.task ? go() : Promise.resolve(); };
      // What was recorded on an earlier visit; of what came with an earlier page its name alone is left.
      self.restore = function (held) {
        return files.get(held.id).then(function (blob) {
          if (!blob && !held.kept) return false;
          hold(held.id, held.seconds, blob ? URL.createObjectURL(blob) : door + "/voices/" + held.kept);
          if (blob) go(); else keep(held.kept);
          return true;
        });
      };
      return self;
    }

    function everything() { return slots.concat(voice ? [voice] : []).filter(function (each) { return each.id; }); }

    function report() {
      // What is kept goes as a file of the report, not as a field: a field that came with the page stays one.
      var own = everything().map(function (each) { return each.kept; });
      var pairs = fields(form).filter(function (pair) {
        return !(/^(kept|voice)$/.test(pair[0]) && own.indexOf(pair[1]) >= 0);
      });
      return {
        key: value(pairs, "idempotency_key"), door: door, action: action, to: form.getAttribute("action"), at: Date.now(), fields: pairs,
        place: form.getAttribute("data-place"), had_phone: !!form.elements.phone.value,
        files: everything().map(function (each) {
          return {
            id: each.id, place: each.place, seconds: each.seconds, kept: each.kept, url: each.url,
            direct: !!each.lost && !!each.lost.busy && !!each.place,
            lost: !!each.lost && !each.lost.busy && (!each.lost.broken || !!each.lost.alive)
          };
        })
      };
    }

    form.addEventListener("submit", function (event) {
      if (event.defaultPrevented) return;
      page.ensureKey(form);
      var spoken = (voice && voice.id) || form.querySelector("[name=voice]") && !form.querySelector("[name=voice_removed]:checked");
      var whole = form.querySelector("[name=category]:checked") && (form.elements.text.value.trim() || spoken);
      // What is not whole is told by the server's page; without a signal, here.
      if (!whole && navigator.onLine !== false) { remember(true); return; }
      event.preventDefault();
      adopt();
      if (!whole) { unsent(say("not_whole")); return; }
      var skipped = false, hurry, hurried = new Promise(function (go) { hurry = go; });
      var skip = button(say("photos_skip"), function () { skipped = true; hurry(); });
      var later = setTimeout(function () { note(say("photos_slow"), false, skip); }, 8000);
      Promise.race([settled(), hurried]).then(function () {
        clearTimeout(later);
        note("");
        var ready = report();
        numbers[ready.key] = form.elements.phone.value;
        if (skipped) ready.files.forEach(function (file) { file.lost = !file.kept && !file.direct; });
        // Where nothing gets through, the photos wait together with the words.
        if (navigator.onLine === false || cut()) return keep(ready);
        return post(ready).then(function (answer) { return arrived(ready, answer); }, function () { return keep(ready); });
      });
    });
    function cut() { return everything().some(function (each) { return each.lost && each.lost.broken && !each.lost.alive; }); }
    function settled() { return Promise.all(everything().map(function (each) { return each.task; })); }
    function arrived(ready, answer) {
      if (answer.status === 201) {
        leaving = true;
        drop(ready);
        everything().forEach(function (each) { files.drop(each.id); });
        page.arrived(action);
        location.assign(parsed(answer).location);
        return;
      }
      if (answer.status === 408 || answer.status === 429 || answer.status >= 500) return keep(ready);
      // Its page says what to mend: the same form, sent as without this script.
      delete numbers[ready.key];
      remember(true);
      form.submit();
    }
    // It stays here, to be sent later: what is opened meanwhile is not where it arrived.
    function unsent(why) {
      page.free(form);
      page.forget("sessionStorage", "sent");
      note(why, true);
    }
    function keep(ready) {
      if (!wait(ready)) { unsent(say("waiting_full")); return; }
      page.free(form);
      mine = ready.key;
      phone.madeHere(mine);
      leaving = true;
      page.arrived(action);
      // The words are on the card now; an empty form keeps nobody from sending them twice but us.
      form.hidden = true;
      show();
      board.scrollIntoView();
      phone.soon();
    }

    var said = make("p");
    said.setAttribute("role", "status");
    form.querySelector("[data-send]").parentNode.appendChild(said);
    function note(words, wrong, more) {
      said.textContent = words;
      said.className = wrong ? "wrong" : "soft";
      if (more) said.appendChild(more);
    }

    function adopt() { slots.forEach(function (each) { each.adopt(); }); }
    adopt();

    // What was begun on an earlier visit is back in its place, and says so. A form that came back to be mended has brought
    // everything that went with it, and needs no word about it.
    (function offer() {
      var more = list("more:" + action), text = form.elements.text, came = page.restored(form), tile = null;
      var again = form.hasAttribute("data-again");
      if (!more.at || Date.now() - more.at > DRAFT_DAYS * DAY) {
        (more.files || []).forEach(function (held) { files.drop(held.id); });
        more = { fields: [], files: [] };
      }
      if (!again) (more.fields || []).forEach(function (pair) {
        page.each("[name='" + pair[0] + "']", function (field) {
          if (field.value !== pair[1] || field.checked || !/^(checkbox|radio)$/.test(field.type)) return;
          field.checked = true;
          if (pair[0] === "category") tile = field;
        }, form);
      });
      var back = (more.files || []).map(function (held) {
        if (again && held.went) { files.drop(held.id); return false; }
        if (!held.place) return voice ? voice.restore(held) : Promise.resolve(false);
        var free = slots[held.place - 1];
        return free && !free.id ? free.restore(held) : Promise.resolve(false);
      });
      Promise.all(back).then(function (done) {
        page.slots();
        // What is said of a tile, and looked up by it, is so again.
        if (tile) tile.dispatchEvent(new Event("change", { bubbles: true }));
        if (again || !came && !tile && done.indexOf(true) < 0) return;
        var card = make("section", "card waiting");
        card.setAttribute("role", "status");
        card.appendChild(make("p", "", say("draft_back")));
        card.appendChild(button(say("draft_drop"), function () {
          everything().forEach(function (each) { files.drop(each.id); });
          leaving = true;
          page.forget("localStorage", "more:" + action);
          page.forget("localStorage", "draft:" + action);
          text.value = "";
          location.replace(form.getAttribute("action"));
        }));
        form.parentNode.insertBefore(card, form);
        form.addEventListener("submit", function () { card.hidden = true; });
      });
    })();

    window.addEventListener("pageshow", function (event) {
      adopt();
      // From memory, after its report has gone: free again. The same words with the same photos are the same report.
      if (!event.persisted || !leaving) return;
      leaving = false;
      form.hidden = list("waiting").some(function (report) { return report.key === mine; });
    });
    window.addEventListener("online", function () {
      everything().forEach(function (each) { if (each.lost && each.lost.broken) each.go(); });
    });
  });
})();
