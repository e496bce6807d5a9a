// Loaded before a program: at its end, writes to standard error which CommonJS modules it has loaded, as JSON.

process.on('exit', () => process.stderr.write(`${JSON.stringify(Object.keys(require.cache))}\n`))
