// Shows times in the viewer's time zone, and updates open pages. Every page works without this script.
"use strict";

function showLocalTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.valueOf())) {
      const pad = (number) => String(number).padStart(2, "0");
      time.textContent = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
    }
  }
}

function keepState(from, to) {
  const open = [...from.querySelectorAll("details")].map((details) => details.open);
  [...to.querySelectorAll("details")].forEach((details, index) => { details.open = open[index] ?? details.open; });
  const left = [...from.querySelectorAll(".scroll")].map((scroll) => scroll.scrollLeft);
  return () => [...to.querySelectorAll(".scroll")].forEach((scroll, index) => { scroll.scrollLeft = left[index] ?? 0; });
}

async function refresh() {
  const shown = document.querySelector("[data-live]");
  // Keyboard users would lose the focus if the element that contains it were replaced.
  if (!shown || document.hidden || shown.contains(document.activeElement)) {
    return false;
  }
  const response = await fetch(location.href, { headers: { accept: "text/html" } });
  const next = response.ok && !response.redirected && new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-live]");
  // The focus may have moved into the element during the request.
  if (shown.contains(document.activeElement)) {
    return false;
  }
  if (next) {
    showLocalTimes(next);
    const scroll = keepState(shown, next);
    shown.replaceWith(next);
    scroll();
  }
  return true;
}

function follow() {
  let pending = false;
  let running = false;
  const source = new EventSource("/live");
  // Only one refresh runs at a time. If two refreshes overlapped, the second refresh would replace an element that the first refresh had already removed from the page.
  // The content of the second refresh would then be lost.
  const run = async () => {
    pending = true;
    while (pending && !running) {
      running = true;
      pending = false;
      const refreshed = await refresh().catch(() => true);
      running = false;
      if (!refreshed) {
        pending = true;
        return;
      }
    }
  };
  source.addEventListener("changed", run);
  for (const type of ["visibilitychange", "focusout"]) {
    document.addEventListener(type, () => { if (pending) { setTimeout(run); } });
  }
}

// Evaluates the rules of the playground while the user types. Without this script, the user presses the button.
function evaluateWhileTyping(form) {
  let timer = 0;
  let latest = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(async () => {
      const request = ++latest;
      const response = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      const next = response.ok && !response.redirected && new DOMParser().parseFromString(await response.text(), "text/html").querySelector("#outcome");
      if (next && request === latest) {
        document.querySelector("#outcome").replaceWith(next);
      }
    }, 300);
  });
}

showLocalTimes(document);
for (const form of document.querySelectorAll("form[data-evaluate]")) {
  evaluateWhileTyping(form);
}
if (document.querySelector("[data-live]")) {
  follow();
}

// A bulk retry or cancellation continues as long as its page is open.
document.querySelector("form[data-continue]")?.requestSubmit();
