
"use strict";
(() => {
  // What is shown comes from the data only, and is only ever set as text: nothing in it can become markup.
  const data = JSON.parse(document.getElementById("data").textContent);
  const items = data.items;
  const byKey = new Map(items.map((item) => [item.key, item]));
  const $ = (id) => document.getElementById(id);
  const PATHS = {
    play: "M8 5.5v13l10.5-6.5z",
    pause: "M7 5.5h3.6v13H7zm6.4 0H17v13h-3.6z",
    image: "M4 5h16a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1Zm1 11.6V17h14v-2.2l-4-4-3.7 3.7-2-1.9L5 16.6ZM8.2 8a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4Z",
    video: "M4 6h11a1 1 0 0 1 1 1v3l4.2-2.6a.5.5 0 0 1 .8.4v8.4a.5.5 0 0 1-.8.4L16 14v3a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1Z",
    music: "M19 3.5v11.8a3 3 0 1 1-1.6-2.7V7.4l-7.8 1.5v8.6A3 3 0 1 1 8 14.8V6z",
    speech: "M4 9.5h1.6v5H4zm3.6-3h1.6v11H7.6zm3.6-3h1.6v17h-1.6zm3.6 4h1.6v9h-1.6zm3.6 2.5H20v4h-1.6z",
    other: "M6 3h8l5 5v12a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1Zm7 1.8V9h4.2z",
    absent: "M4.3 3.2 20.8 19.7l-1.1 1.1-2-2H5a1 1 0 0 1-1-1V5.1L3.2 4.3ZM8.4 5H20a1 1 0 0 1 1 1v11.6l-5.6-5.6.6-.6 3 3V7h-8.6z",
    close: "m6.4 5.3 5.6 5.6 5.6-5.6 1.1 1.1-5.6 5.6 5.6 5.6-1.1 1.1-5.6-5.6-5.6 5.6-1.1-1.1 5.6-5.6-5.6-5.6z",
    previous: "m14.8 5.3 1.1 1.1-5.6 5.6 5.6 5.6-1.1 1.1L8.1 12z",
    next: "m9.2 5.3-1.1 1.1 5.6 5.6-5.6 5.6 1.1 1.1 6.7-6.7z",
    theme: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Zm0 1.8a7.2 7.2 0 0 1 0 14.4z",
  };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const view = { kind: "", origin: "", model: "", day: "", words: "" };
  let language = remembered("language", ["en", "zh"]) || data.language;
  let theme = remembered("theme", ["light", "dark"]) || "auto";
  let shown = [];

  // ---- small tools

  function remembered(name, allowed) {
    try {
      const value = localStorage.getItem("ima-gallery-" + name);
      return allowed.includes(value) ? value : null;
    } catch { return null; } // a browser that keeps nothing for files
  }
  function remember(name, value) {
    try { localStorage.setItem("ima-gallery-" + name, value); } catch { /* it holds for this visit only */ }
  }
  function say(key, values = {}) {
    const text = data.words[language][key];
    return text === undefined ? key : text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));
  }
  function price(points, isPlay) {
    return say((points === 1 ? "points.one" : "points") + (isPlay ? ".sandbox" : ""), { points: number(points) });
  }
  function count(key, number, values) { return say(number === 1 ? key + ".one" : key, values); }
  function make(tag, options = {}, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(options)) {
      if (value === null || value === undefined) continue;
      if (name === "text") node.textContent = value;
      else if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
      else node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null));
    return node;
  }
  function icon(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", PATHS[name] || PATHS.other);
    svg.append(path);
    return svg;
  }
  function address(path) { return path.split("/").map(encodeURIComponent).join("/"); }
  // A plugin's kind has no words of ours: what its category is called will do.
  function kindName(kind) {
    const one = items.find((item) => item.kind === kind);
    return data.words[language]["kind." + kind] || (one && one.label[language]) || kind;
  }
  function label(item) { return item.label[language] || item.type; }
  function name(item) { return item.title || item.prompt || label(item); }
  function clock(seconds) {
    const whole = Math.round(seconds);
    return Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
  }
  function number(value) { return new Intl.NumberFormat(language).format(value); }
  function date(item, style) {
    const moment = new Date(item.made);
    return Number.isNaN(moment.getTime()) ? "" : new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en", style).format(moment);
  }
  function weight(bytes) {
    if (bytes < 1000) return number(bytes) + " B";
    return bytes < 1e6 ? number(Math.round(bytes / 1e3)) + " kB" : number(Math.round(bytes / 1e5) / 10) + " MB";
  }
  function shape(item) { return item.media ? item.shape : ""; }

  // ---- what is derived from the items, once

  const users = new Map();
  const jobs = new Map();
  for (const item of items) {
    item.day = item.made.slice(0, 10);
    item.origin = !item.sources.length ? "text" : item.sources.some((key) => byKey.has(key)) ? "own" : "file";
    item.hay = [item.title, item.prompt, item.model, item.label.en, item.label.zh, item.type, item.name, item.job, item.made,
      JSON.stringify(item.params)].join("\n").normalize("NFKC").toLowerCase();
    for (const key of new Set(item.sources)) if (byKey.has(key)) users.set(key, [...(users.get(key) || []), item]);
    jobs.set(item.job, [...(jobs.get(item.job) || []), item]);
  }

  function fits(item, but) {
    for (const part of ["kind", "origin", "model", "day"]) if (part !== but && view[part] && item[part] !== view[part]) return false;
    return view.words === "" || view.words.split(" ").every((word) => item.hay.includes(word));
  }

  // ---- filters

  function tally(part) {
    const found = new Map();
    for (const item of items) found.set(item[part], (found.get(item[part]) || 0) + (fits(item, part) ? 1 : 0));
    return found;
  }
  function chips(box, part, title, names) {
    const counts = tally(part);
    box.hidden = counts.size < 2;
    box.setAttribute("aria-label", title);
    const all = [...counts.values()].reduce((sum, one) => sum + one, 0);
    const rows = [["", say("everything"), all], ...[...counts].map(([value, many]) => [value, names(value), many])];
    // A chip keeps its element, so that it keeps the focus.
    const old = new Map([...box.children].map((chip) => [chip.dataset.value, chip]));
    box.replaceChildren(...rows.map(([value, text, many]) => {
      const chip = old.get(value) || make("button", { type: "button", "data-value": value, on: { click: () => choose(part, value) } });
      chip.setAttribute("aria-pressed", String(view[part] === value));
      chip.replaceChildren(text, make("b", { text: number(many) }));
      return chip;
    }));
  }
  function choose(part, value) {
    const focused = document.activeElement;
    view[part] = view[part] === value ? "" : value;
    update();
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
  }
  function options(select, part, title, all, names) {
    const counts = tally(part);
    select.hidden = counts.size < 2;
    select.setAttribute("aria-label", title);
    select.replaceChildren(make("option", { value: "", text: all }), ...[...counts].filter(([value]) => value).map(([value, many]) =>
      make("option", { value, text: names(value) + " (" + number(many) + ")" })));
    select.value = view[part];
  }
  function drawFilters() {
    chips($("kinds"), "kind", say("kind"), kindName);
    options($("origin"), "origin", say("origin"), say("anyOrigin"), (value) => say("origin." + value));
    options($("model"), "model", say("model"), say("allModels"), (value) => value);
    options($("day"), "day", say("day"), say("allDays"), (value) => date({ made: value + "T12:00:00" }, { dateStyle: "medium" }));
  }
  function clear() {
    Object.assign(view, { kind: "", origin: "", model: "", day: "", words: "" });
    $("search").value = "";
    update();
    $("search").focus();
  }

  // ---- the grid: cards get a place each, and only those near the window exist

  const grid = $("grid");
  const cards = new Map();
  let places = [];
  let columns = 1;
  let current = null;

  function layOut() {
    const width = grid.clientWidth;
    const gap = width < 560 ? 10 : 18;
    columns = Math.max(1, Math.floor((width + gap) / ((width < 560 ? 150 : 250) + gap)));
    const each = (width - gap * (columns - 1)) / columns;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const words = (innerWidth > 52 * 16 ? 5.3 : 6.5) * rem;
    const depths = new Array(columns).fill(0);
    places = shown.map((item) => {
      const column = depths.indexOf(Math.min(...depths));
      const sight = Math.round(each / aspect(item));
      const place = { x: column * (each + gap), y: depths[column], width: each, sight, height: sight + words, column };
      depths[column] += place.height + gap;
      return place;
    });
    grid.style.height = Math.max(0, ...depths) + "px";
  }
  function aspect(item) {
    if (shape(item) === "audio") return grid.clientWidth < 560 ? 1.45 : 1.9;
    return item.media && item.width && item.height ? Math.min(1.9, Math.max(0.66, item.width / item.height)) : 1.5;
  }
  function near() {
    const top = grid.getBoundingClientRect().top;
    const from = -top - innerHeight, to = -top + 2 * innerHeight;
    return places.flatMap((place, index) => (place.y + place.height >= from && place.y <= to ? [index] : []));
  }
  function draw() {
    const wanted = new Set(near());
    const focused = document.activeElement?.closest?.(".card");
    const kept = focused ? shown.findIndex((item) => item.key === focused.dataset.key) : -1;
    if (kept >= 0) wanted.add(kept);
    const keys = new Set([...wanted].map((index) => shown[index].key));
    for (const [key, card] of cards) if (!keys.has(key)) { card.remove(); cards.delete(key); }
    let before = null;
    for (const index of [...wanted].sort((a, b) => b - a)) {
      const item = shown[index];
      let card = cards.get(item.key);
      if (!card) { card = cardOf(item); cards.set(item.key, card); }
      if (!card.isConnected || card.nextSibling !== before) grid.insertBefore(card, before);
      before = card;
      put(card, places[index]);
      card.setAttribute("aria-posinset", index + 1);
      card.setAttribute("aria-setsize", shown.length);
    }
    const reachable = current && cards.has(current) ? current : shown[Math.min(...wanted)]?.key;
    for (const [key, card] of cards) card.querySelector(".open").tabIndex = key === reachable ? 0 : -1;
  }
  function put(card, place) {
    card.style.transform = "translate(" + place.x + "px, " + place.y + "px)";
    card.style.width = place.width + "px";
    card.style.height = place.height + "px";
    card.querySelector(".sight").style.height = place.sight + "px";
    const sound = card.querySelector(".sound");
    if (sound) {
      sound.style.top = place.sight - 58 + "px";
      card.querySelector(".run").style.top = place.sight - 36 + "px";
    }
  }
  function cardOf(item) {
    const open = make("button", { type: "button", class: "open", on: { click: () => show(item, true), focus: () => { current = item.key; } } },
      sightOf(item), wordsOf(item));
    open.setAttribute("aria-label", say("open", { name: [name(item), label(item), item.model].join(", ") }));
    const card = make("article", { class: "card", role: "listitem", "data-key": item.key, "data-kind": item.kind }, open);
    if (shape(item) === "audio") card.append(soundOf(item), make("div", { class: "run" }, make("i")));
    if (playing === item) markSound(card);
    return card;
  }
  function sightOf(item) {
    const sight = make("div", { class: "sight" });
    const form = shape(item);
    if (form === "audio") sight.classList.add("hears");
    if (!item.media) {
      sight.classList.add("absent");
      sight.append(icon("absent"), make("span", { text: say(item.state) }));
    } else if (item.small || form === "picture") {
      sight.append(picture(item.small || item.media, () => sight.replaceChildren(glyphOf(item))));
    } else {
      sight.classList.add("tile");
      sight.append(glyphOf(item));
    }
    if (form === "video" || form === "audio") {
      sight.append(make("span", { class: "badge time" }, form === "video" ? icon("play") : "", item.duration ? clock(item.duration) : ""));
      if (form === "audio" && !item.duration) sight.lastChild.remove();
    }
    return sight;
  }
  function picture(path, failed) {
    return make("img", { src: address(path), alt: "", loading: "lazy", decoding: "async", draggable: "false", on: { error: failed } });
  }
  function glyphOf(item) { return make("span", { class: "glyph" }, icon(item.kind)); }
  function wordsOf(item) {
    const spoken = item.title || item.prompt;
    return make("div", { class: "words" },
      make("span", { class: spoken ? "what" : "what bare", text: spoken || label(item) }),
      make("span", { class: "how" }, make("span", { text: item.model }), make("span", { text: price(item.points, item.sandbox) })));
  }

  // ---- sound on the cards: one player for all, so that a card may come and go while it plays

  const player = new Audio();
  let playing = null;
  for (const event of ["play", "pause", "ended", "timeupdate", "error"]) player.addEventListener(event, () => {
    const card = playing && cards.get(playing.key);
    if (card) markSound(card);
  });
  function soundOf(item) {
    return make("button", { type: "button", class: "sound", tabindex: "-1", "aria-label": say("play"), on: { click: () => toggle(item) } }, icon("play"));
  }
  function toggle(item) {
    if (playing === item && !player.paused) { player.pause(); return; }
    if (playing !== item) {
      const before = playing && cards.get(playing.key);
      playing = item;
      player.src = address(item.media);
      if (before) markSound(before);
    }
    player.play().catch(() => show(item, false)); // the detail view says what is wrong
  }
  function markSound(card) {
    const own = playing !== null && card.dataset.key === playing.key;
    const on = own && !player.paused && !player.ended;
    const button = card.querySelector(".sound");
    button.replaceChildren(icon(on ? "pause" : "play"));
    button.setAttribute("aria-label", say(on ? "pause" : "play"));
    card.querySelector(".run i").style.transform = "scaleX(" + (own && player.duration ? player.currentTime / player.duration : 0) + ")";
  }

  // ---- the detail view

  const dialog = $("detail");
  let opened = null;

  function show(item, start) {
    opened = item;
    current = item.key;
    player.pause();
    const index = shown.indexOf(item);
    const title = make("h2", { id: "detail-title", text: name(item) });
    const step = (way) => make("button", { type: "button", class: way, "aria-label": say(way), title: say(way), on: { click: () => go(way === "next" ? 1 : -1) } }, icon(way));
    const previous = step("previous"), next = step("next");
    previous.disabled = index <= 0;
    next.disabled = index < 0 || index >= shown.length - 1;
    const close = make("button", { type: "button", class: "close", "aria-label": say("close"), title: say("close"), on: { click: () => dialog.close() } }, icon("close"));
    const focused = dialog.open && dialog.contains(document.activeElement) ? document.activeElement.className : "close";
    dialog.dataset.kind = item.kind;
    dialog.replaceChildren(make("div", { class: "bar" }, title, previous, next, close), stageOf(item), taleOf(item));
    if (!dialog.open) dialog.showModal();
    const again = dialog.querySelector(".bar button." + (["previous", "next"].includes(focused) ? focused : "close"));
    (again.disabled ? close : again).focus();
    const film = dialog.querySelector("video");
    if (start && film && !calm.matches) film.play().catch(() => {}); // the browser may forbid it; the controls are there
  }
  function go(way) {
    const next = shown[shown.indexOf(opened) + way];
    if (next) show(next, false);
  }
  function stageOf(item) {
    const stage = make("div", { class: "stage" });
    const form = shape(item);
    const failed = () => stage.replaceChildren(make("div", { class: "absent" }, icon("absent"), make("strong", { text: say("unplayable") }),
      make("a", { href: address(item.media), text: say("openFile") })));
    if (!item.media) stage.append(absentOf(item));
    else if (form === "picture") stage.append(make("img", { src: address(item.media), alt: name(item), on: { error: failed } }));
    else if (form === "video") stage.append(make("video", { src: address(item.media), poster: item.small && address(item.small), controls: "", loop: "", playsinline: "", preload: "metadata", "aria-label": name(item), on: { error: failed } }));
    else if (form === "audio") stage.append(make("div", { class: "hear" }, icon(item.kind), make("audio", { src: address(item.media), controls: "", preload: "metadata", "aria-label": name(item), on: { error: failed } })));
    else failed();
    return stage;
  }
  function absentOf(item) {
    const box = make("div", { class: "absent" }, icon("absent"), make("strong", { text: say(item.state) }), make("span", { text: say(item.state + "Help", { name: item.name }) }));
    if (item.state === "unsaved") box.append(line("ima-skills tasks wait " + item.job + " --download ." + (item.sandbox ? " --sandbox" : "")));
    return box;
  }
  function section(title, ...children) { return make("section", {}, make("h3", { text: title }), ...children); }
  function taleOf(item) {
    const tale = make("div", { class: "tale", tabindex: "0", role: "region", "aria-label": say("facts") });
    tale.append(section(say("prompt"), make("p", { text: item.prompt === null ? say("noPrompt") : item.prompt, class: item.prompt === null ? "soft" : null })));
    tale.append(section(say("facts"), factsOf(item)));
    tale.append(section(say("settings"), settingsOf(item)));
    const kin = lineageOf(item);
    if (kin.length) tale.append(make("section", {}, ...kin));
    if (item.command) tale.append(section(say("again"), line(item.command), make("p", { class: "soft", text: say("againHelp") })));
    return tale;
  }
  function factsOf(item) {
    const rows = [
      ["task", label(item)], ["model", item.model], ["version", item.version],
      ["cost", item.outputs > 1 ? say("costOf", { points: price(item.points, item.sandbox), outputs: item.outputs }) : price(item.points, item.sandbox)],
      ["made", date(item, { dateStyle: "medium", timeStyle: "short" })],
      ["took", item.took ? say("seconds", { seconds: number(item.took) }) : ""],
      ["output", item.outputs > 1 ? say("outputOf", { index: item.index, outputs: item.outputs }) : ""],
      ["size", item.width ? item.width + " × " + item.height : ""], ["length", item.duration ? clock(item.duration) : ""],
      ["file", item.name ? item.name + (item.bytes ? ", " + weight(item.bytes) : "") : ""], ["job", item.job],
          ];
    return make("dl", {}, ...rows.filter(([, value]) => value).flatMap(([key, value]) => [make("dt", { text: say(key) }), make("dd", { text: value })]));
  }
  function value(cell, otherwise) {
    const spoken = cell === null || cell === undefined ? otherwise : { "…": "untold", "": "blank" }[cell];
    const text = spoken ? say(spoken) : typeof cell === "object" ? JSON.stringify(cell) : String(cell);
    return make("td", { text, class: spoken ? "faint" : null });
  }
  function settingsOf(item) {
    const told = new Set(item.changes.map((change) => change.param));
    const rows = item.changes.map((change) => make("tr", { class: "differs" }, make("td", { text: change.param }), value(change.requested, "notSet"), value(change.applied, "notSent"), make("td", { text: (language === "zh" && change.reason_zh) || change.reason })));
    for (const [key, applied] of Object.entries(item.params)) {
      if (told.has(key)) continue;
      const asked = key in item.requested;
      rows.push(make("tr", {}, make("td", { text: key }), value(asked ? item.requested[key] : null, "notSet"), value(applied, "notSent"),
        make("td", { class: "faint", text: say(asked ? "asAsked" : "byForm") })));
    }
    // What people set may be sent under another name: a ratio as a size.
    for (const [key, asked] of Object.entries(item.requested)) {
      if (told.has(key) || key in item.params) continue;
      rows.push(make("tr", {}, make("td", { text: key }), value(asked, "notSet"), make("td"), make("td", { class: "faint", text: say("within") })));
    }
    if (!rows.length) return make("p", { class: "soft", text: say("noSettings") });
    const head = make("tr", {}, ...["setting", "requested", "applied", "why"].map((key) => make("th", { scope: "col", text: say(key) })));
    return make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows));
  }
  function lineageOf(item) {
    const parts = [];
    const list = (key, others) => { if (others.length) parts.push(make("h3", { text: say(key) }), make("ul", { class: "kin" }, ...others)); };
    list("madeFrom", item.sources.map((key) => (byKey.has(key) ? kinOf(byKey.get(key)) : make("li", {}, make("span", { class: "none", text: say("otherFile") })))));
    list("usedIn", (users.get(item.key) || []).map(kinOf));
    list("siblings", jobs.get(item.job).filter((other) => other !== item).map(kinOf));
    return parts;
  }
  function kinOf(item) {
    const blank = () => make("span", { class: "mini" }, icon(item.media ? item.kind : "absent"));
    const sight = item.media && (item.small || item.shape === "picture") ? picture(item.small || item.media, () => sight.replaceWith(blank())) : blank();
    return make("li", {}, make("button", { type: "button", on: { click: () => show(item, false) } }, sight, make("span", { text: name(item) })));
  }
  function line(command) {
    const copy = make("button", { type: "button", class: "plain", text: say("copy") });
    const code = make("code", { text: command });
    copy.addEventListener("click", () => copyText(command, code).then(() => {
      copy.textContent = say("copied");
      setTimeout(() => { copy.textContent = say("copy"); }, 1500);
    }));
    return make("div", { class: "line" }, code, copy);
  }
  async function copyText(text, code) {
    try {
      await navigator.clipboard.writeText(text);
    } catch { // a page opened as a file may be refused: what is selected can be copied
      getSelection().selectAllChildren(code);
      document.execCommand("copy");
    }
  }
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => {
    const item = opened;
    opened = null;
    dialog.replaceChildren(); // what plays stops
    if (item && shown.includes(item)) focusCard(shown.indexOf(item));
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.target.closest("audio, video") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") { event.preventDefault(); go(event.key === "ArrowRight" ? 1 : -1); }
  });

  // ---- keys

  function focusCard(index) {
    if (!shown[index]) return;
    current = shown[index].key;
    const place = places[index];
    const top = grid.getBoundingClientRect().top + scrollY + place.y;
    const bar = $("filters").offsetHeight + 12;
    if (top < scrollY + bar) scrollTo({ top: top - bar });
    else if (top + place.height > scrollY + innerHeight) scrollTo({ top: top + place.height - innerHeight + 12 });
    draw();
    cards.get(current)?.querySelector(".open").focus({ preventScroll: true });
  }
  function neighbour(index, key) {
    const here = places[index], middle = here.y + here.height / 2;
    const aside = key === "ArrowRight" ? 1 : key === "ArrowLeft" ? -1 : 0;
    let best = -1, least = Infinity;
    places.forEach((place, other) => {
      const away = place.y + place.height / 2 - middle;
      if (other === index || place.column !== here.column + aside) return;
      if (!aside && (key === "ArrowDown" ? away <= 0 : away >= 0)) return;
      if (Math.abs(away) < least) { least = Math.abs(away); best = other; }
    });
    return best;
  }
  document.addEventListener("keydown", (event) => {
    if (dialog.open || event.altKey || event.ctrlKey || event.metaKey) return;
    const typing = event.target.matches?.("input, select, textarea");
    if (event.key === "/" && !typing) { event.preventDefault(); $("search").focus(); $("search").select(); return; }
    if (event.target === $("search")) {
      if (event.key === "Escape" && $("search").value) { event.preventDefault(); $("search").value = ""; search(); }
      if (event.key === "ArrowDown" && shown.length) { event.preventDefault(); focusCard(0); }
      return;
    }
    const card = event.target.closest?.(".card");
    if (typing || (event.target.closest?.("button") && !card)) return;
    const index = card ? shown.findIndex((item) => item.key === card.dataset.key) : -1;
    const jumps = { Home: 0, End: shown.length - 1 };
    if (event.key.startsWith("Arrow")) {
      const to = index < 0 ? 0 : neighbour(index, event.key);
      if (card || event.key === "ArrowRight") { event.preventDefault(); focusCard(to); }
    } else if (card && event.key in jumps) { event.preventDefault(); focusCard(jumps[event.key]); }
    else if (card && event.key === " " && shape(shown[index]) === "audio") { event.preventDefault(); toggle(shown[index]); }
  });
  // A button would act on the release of the space bar too.
  document.addEventListener("keyup", (event) => {
    const card = event.key === " " && event.target.closest?.(".card");
    if (card && card.querySelector(".sound")) event.preventDefault();
  });

  // ---- the whole page

  function search() {
    view.words = $("search").value.normalize("NFKC").toLowerCase().trim().replace(/\s+/g, " ");
    update();
  }
  function update() {
    shown = items.filter((item) => fits(item, ""));
    drawFilters();
    layOut();
    draw();
    tell();
  }
  function tell() {
    const all = items.length;
    const filtered = shown.length !== all;
    $("found").textContent = filtered ? say("found", { count: number(shown.length), total: number(all) }) : "";
    const points = [...new Map(shown.map((item) => [item.job, item.points])).values()].reduce((sum, one) => sum + one, 0);
    const days = shown.map((item) => item.day).filter(Boolean).sort();
    const span = [...new Set([days[0], days[days.length - 1]])].filter(Boolean).map((day) => date({ made: day + "T12:00:00" }, { dateStyle: "medium" }));
    $("summary").textContent = [count("works", shown.length, { count: number(shown.length) }), price(points, data.sandbox), span.join(" – ")].filter(Boolean).join(" · ");
    const nothing = $("nothing");
    nothing.hidden = shown.length > 0;
    if (shown.length) nothing.replaceChildren();
    else if (all) nothing.replaceChildren(make("h2", { text: say("noMatch") }), make("button", { type: "button", class: "plain", text: say("clear"), on: { click: clear } }));
    else {
      const flag = data.sandbox ? " --sandbox" : "";
      const wish = language === "zh" ? "黄昏时分的灯塔" : "a lighthouse at dusk";
      nothing.replaceChildren(make("h2", { text: say("empty") }), make("p", { text: say("emptyHelp") }), line('ima-skills create "' + wish + '" --download out' + flag),
        make("p", { text: say("emptyThen") }), line("ima-skills gallery" + flag));
    }
    $("filters").hidden = all === 0;
    $("keys").hidden = all === 0;
    $("summary").hidden = all === 0;
  }
  function speak() {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    const title = data.demo ? say("demoTitle") : say("title");
    document.title = title;
    $("title").textContent = title;
    $("mark").hidden = !data.sandbox;
    $("mark").textContent = say("sandbox");
    $("lead").hidden = !data.sandbox;
    $("lead").textContent = (data.demo ? say("demoLead") + (language === "zh" ? "" : " ") : "") + say("sandboxNote");
    $("closing").hidden = !data.demo;
    $("closing").textContent = say("demoReal");
    $("more").hidden = data.total <= items.length;
    $("more").textContent = say("more", { shown: number(items.length), total: number(data.total) });
    $("keys").textContent = say("keys");
    $("search").placeholder = say("search");
    $("search").setAttribute("aria-label", say("searchLabel"));
    $("filters").setAttribute("aria-label", say("filters"));
    $("grid").setAttribute("aria-label", title);
    $("language").textContent = say("language");
    $("language").setAttribute("aria-label", say("languageLabel"));
    const look = say("theme", { name: say("theme." + theme) });
    $("theme").replaceChildren(icon("theme"), make("span", { text: look }));
    $("theme").setAttribute("aria-label", look);
    for (const card of cards.values()) card.remove();
    cards.clear();
    update();
  }
  function dress() {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  let waiting = false;
  const later = (work) => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; work(); });
  };
  addEventListener("scroll", () => later(draw), { passive: true });
  let width = 0;
  new ResizeObserver(() => {
    if (grid.clientWidth === width) { later(draw); return; }
    width = grid.clientWidth;
    layOut();
    draw();
  }).observe(document.body);
  $("search").addEventListener("input", search);
  for (const part of ["origin", "model", "day"]) $(part).addEventListener("change", () => { view[part] = $(part).value; update(); });
  $("language").addEventListener("click", () => { language = language === "zh" ? "en" : "zh"; remember("language", language); speak(); });
  $("theme").addEventListener("click", () => {
    theme = { auto: "dark", dark: "light", light: "auto" }[theme];
    remember("theme", theme);
    dress();
    speak();
  });
  dress();
  speak();
})();
