/**
 * Angular is not running when the start fails, so the page comes from a plain
 * template in index.html.
 */
export function showStartFailure(reason: unknown): void {
  console.error(reason);
  const template = document.querySelector<HTMLTemplateElement>('#start-failure');
  if (!template) return;
  const page = document.importNode(template.content, true);
  const explanation = page.querySelector('[data-reason]');
  if (explanation) {
    explanation.textContent = reason instanceof Error ? reason.message : String(reason);
  }
  document.body.replaceChildren(page);
}
