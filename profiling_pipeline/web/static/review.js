"use strict";

// Decisions that need notes are not sent without them; the server refuses them too.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=decision]");
  if (!button) return;
  const notes = button.form.elements.notes;
  notes.required = "needsNotes" in button.dataset;
  if (notes.required && !notes.value.trim()) notes.value = "";
});

document.addEventListener("submit", (event) => {
  const question = event.target.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
