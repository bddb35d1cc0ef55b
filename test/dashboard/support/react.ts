/**
 * Before React is loaded: the test runner compiles JSX for React's development build, and the configuration asks for
 * production. The product itself is built for production and tested so in a pseudo-terminal.
 */
process.env.NODE_ENV = 'test';
delete process.env.CI;
