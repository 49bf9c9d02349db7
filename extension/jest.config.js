/** Models and components run without JupyterLab: its packages are types here, and stubs where they are values. */
module.exports = {
  testEnvironment: 'jsdom',
  roots: ['<rootDir>/tests'],
  transform: { '^.+\\.tsx?$': ['ts-jest', { tsconfig: 'tsconfig.test.json' }] },
  moduleNameMapper: {
    '^@jupyterlab/(ui-components|services|coreutils)$': '<rootDir>/tests/stubs/$1.tsx'
  }
};
