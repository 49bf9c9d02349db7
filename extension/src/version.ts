/** This package's version, compared with the server's; a test keeps it equal to package.json. */
export const VERSION = '0.1.0';
