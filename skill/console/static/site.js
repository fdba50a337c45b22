// Everything works without this. With it, sliders and numbers move together, and a form marked data-preview shows what it would
// do while it is being filled in.
"use strict";

document.documentElement.classList.add("js");

// On a phone the row of pages scrolls: the one that is shown is in sight.
const row = document.querySelector(".tabs");
const current = row?.querySelector("[aria-current]");
if (current) row.scrollLeft = current.offsetLeft - (row.clientWidth - current.offsetWidth) / 2;

for (const slider of document.querySelectorAll("input[type=range][data-for]")) {
  const number = document.getElementById(slider.dataset.for);
  slider.addEventListener("input", () => {
    number.value = slider.value.replace(".", slider.dataset.sign);
    number.dispatchEvent(new Event("input", { bubbles: true }));
  });
  number.addEventListener("input", (event) => {
    const typed = number.value.trim().replace(",", ".");
    if (event.isTrusted && /^\d+(\.\d{1,2})?$/.test(typed)) slider.value = typed;
  });
}

for (const form of document.querySelectorAll("form[data-preview]")) {
  const shown = document.getElementById(form.dataset.shown);
  let waiting, asked = 0;
  const show = (after) => {
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      const mine = ++asked;
      const fields = new URLSearchParams(new FormData(form));
      fields.delete("csrf");
      try {
        const answer = await fetch(`${form.dataset.preview}?${fields}`, { headers: { Accept: "text/html" } });
        if (answer.ok && !answer.redirected && mine === asked) shown.innerHTML = await answer.text();
      } catch {
        // Offline: what is shown stays, and the button asks again.
      }
    }, after);
  };
  form.addEventListener("input", () => show(300));
  if ("atOnce" in form.dataset) show(0);
}
