// A slider between two pictures; without scripts they stand side by side.
for (const pair of document.querySelectorAll(".compare")) {
  const slider = pair.querySelector("input");
  const show = () => pair.style.setProperty("--shown", slider.value + "%");
  slider.addEventListener("input", show);
  slider.hidden = false;
  pair.classList.add("live");
  show();
}
