// Makes the pages lively; all of them work without it.
"use strict";

const live = document.getElementById("live");

// The figures of the overview, as the server sends them. Only to a page that is seen: a browser has few connections.
if (live && live.dataset.events && window.EventSource) {
  let events = null;
  const listen = (isWanted) => {
    if (isWanted === (events !== null)) return;
    if (!isWanted) {
      events.close();
      events = null;
      return;
    }
    events = new EventSource(live.dataset.events);
    events.onmessage = (event) => {
      if (isUsed(live)) return;
      const view = viewOf(live);
      live.innerHTML = event.data;
      decorate(live, view);
    };
    events.onerror = () => {
      // Refused, not interrupted: the session has ended.
      if (events && events.readyState === EventSource.CLOSED) location.reload();
    };
  };
  document.addEventListener("visibilitychange", () => listen(!document.hidden));
  addEventListener("pagehide", () => listen(false));
  addEventListener("pageshow", () => listen(!document.hidden));
}

// A page whose subject changes: its part is fetched again.
if (live && live.dataset.refresh) refreshLater(live);

function refreshLater(region) {
  setTimeout(async () => {
    let current = region;
    if (!document.hidden && !isUsed(region)) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "manual" });
        if (answer.type === "opaqueredirect") location.reload();  // the session has ended
        if (answer.ok) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const next = page.getElementById("live");
          if (next && !isUsed(region)) {
            const view = viewOf(region);
            current = document.importNode(next, true);
            region.replaceWith(current);
            decorate(current, view);
          }
        }
      } catch {
        // The server is away; it may come back.
      }
    }
    if (current.dataset.refresh) refreshLater(current);
  }, region.dataset.refresh * 1000);
}

// Whether somebody has the focus in it, or text of it selected.
function isUsed(region) {
  const selection = getSelection();
  return region.contains(document.activeElement) || (!selection.isCollapsed && region.contains(selection.anchorNode));
}

// What somebody has unfolded, and where he has scrolled, so that it stays so.
function viewOf(region) {
  return {
    open: [...region.querySelectorAll("details")].map((details) => details.open),
    scroll: [...region.querySelectorAll(".scroll, pre")].map((box) => [box.scrollLeft, box.scrollTop]),
  };
}

function decorate(region, view = { open: [], scroll: [] }) {
  region.querySelectorAll("details").forEach((details, index) => {
    if (view.open[index]) details.open = true;
  });
  region.querySelectorAll(".scroll, pre").forEach((box, index) => {
    if (view.scroll[index]) [box.scrollLeft, box.scrollTop] = view.scroll[index];
  });
  for (const time of region.querySelectorAll("time")) {
    time.title = new Date(time.dateTime).toLocaleString(document.documentElement.lang);
  }
  for (const button of region.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    });
  }
}

decorate(document);
