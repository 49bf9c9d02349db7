export const URLExt = { join: (...parts: string[]) => parts.join('/').replace(/\/+/g, '/') };
