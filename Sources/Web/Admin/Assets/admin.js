// Makes the pages lively; all of them work without it.
"use strict";

const live = document.getElementById("live");

// The figures of the overview, as the server sends them.
if (live && live.dataset.events && window.EventSource) {
  const events = new EventSource(live.dataset.events);
  events.onmessage = (event) => {
    const open = openDetails(live);
    live.innerHTML = event.data;
    decorate(live, open);
  };
  events.onerror = () => {
    // Refused and not only broken off: whoever was signed in is no longer.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2000);
  };
  addEventListener("pagehide", () => events.close());
}

// A page whose subject changes: its part is fetched again, unless somebody is using it.
if (live && live.dataset.refresh) refreshLater(live);

function refreshLater(region) {
  setTimeout(async () => {
    let current = region;
    if (!document.hidden && !region.contains(document.activeElement)) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
        if (answer.ok) {
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          const next = page.getElementById("live");
          if (next && !region.contains(document.activeElement)) {
            const open = openDetails(region);
            current = document.importNode(next, true);
            region.replaceWith(current);
            decorate(current, open);
          }
        }
      } catch {
        // The server is away; it may come back.
      }
    }
    if (current.dataset.refresh) refreshLater(current);
  }, region.dataset.refresh * 1000);
}

// Which parts somebody has unfolded, so that they stay so.
function openDetails(region) {
  return [...region.querySelectorAll("details")].map((details) => details.open);
}

function decorate(region, open = []) {
  region.querySelectorAll("details").forEach((details, index) => {
    if (open[index]) details.open = true;
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
