// Everything works without this. With it, a feed that is being read is looked at again by itself, and a file that is too large is
// told of before it is sent.
"use strict";

for (const part of document.querySelectorAll("[data-poll]")) {
  const look = async () => {
    if (!part.querySelector("[data-reading]")) return;
    try {
      const answer = await fetch(part.dataset.poll, { headers: { Accept: "text/html" } });
      if (answer.ok && !answer.redirected) part.innerHTML = await answer.text();
    } catch {
      // Offline for a moment: the next look may find it.
    }
    setTimeout(look, 700);
  };
  setTimeout(look, 700);
}

for (const form of document.querySelectorAll("form[data-bytes-max]")) {
  const file = form.querySelector("input[type=file]"), problem = document.getElementById("feed-problem");
  const most = Number(form.dataset.bytesMax);
  const check = () => {
    const size = file.files.length ? file.files[0].size : 0;
    const told = size > most
      ? `This file has ${Math.ceil(size / 1048576)} MB; at most ${Math.floor(most / 1048576)} MB are taken here. Import it on the server: sayso catalogue import FILE`
      : "";
    file.setCustomValidity(told);
    problem.textContent = told;
    return !told;
  };
  file.addEventListener("change", check);
  form.addEventListener("submit", (event) => { if (!check()) event.preventDefault(); });
}
