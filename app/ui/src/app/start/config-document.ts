export const CONFIG_PATH = '/config.json';

/** The API's address out of config.json, without a trailing slash. */
export function readApiUrl(document: unknown): string {
  const apiUrl =
    typeof document === 'object' && document !== null && 'apiUrl' in document
      ? document.apiUrl
      : undefined;
  if (typeof apiUrl !== 'string' || !isHttpUrl(apiUrl)) {
    throw new Error(
      `${CONFIG_PATH} must give "apiUrl" as an absolute http or https address, ` +
        'for example {"apiUrl": "http://localhost:3001"}.',
    );
  }
  return apiUrl.replace(/\/+$/, '');
}

function isHttpUrl(value: string): boolean {
  return URL.canParse(value) && ['http:', 'https:'].includes(new URL(value).protocol);
}
