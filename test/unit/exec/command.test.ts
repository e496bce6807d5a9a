import { expect, test } from 'vitest'
import { type Command, formatCommand, sh } from '../../../src/exec/command.js'

test('text is given as it is', () => {
  expect(formatCommand('ls | wc -l # "quotes"')).toBe('ls | wc -l # "quotes"')
})

test('every word of a list is quoted, the first as well', () => {
  expect(formatCommand(['time', "it's", '', '$HOME'])).toBe(`'time' 'it'\\''s' '' '$HOME'`)
})

test('values in text are quoted, arrays become words, fragments stay text', () => {
  const filter = sh`grep -v ${'a b'}`
  expect(String(sh`cat ${['x', "y'"]} | ${filter} | head -n ${3}`)).toBe(
    `cat 'x' 'y'\\''' | grep -v 'a b' | head -n '3'`,
  )
  expect(String(sh`rm ${[]}`)).toBe('rm ')
})

test('backslashes reach the shell, except those that JavaScript needs', () => {
  expect(String(sh`sed 's/\(a\)\n/\1/' \${HOME}`)).toBe("sed 's/\\(a\\)\\n/\\1/' $".concat('{HOME}'))
  expect(String(sh`echo '\`'`)).toBe("echo '`'")
})

const evil = '$(touch pwned)'
test.each([
  ['single quotes', () => sh`echo '${evil}'`],
  ['double quotes', () => sh`echo "${evil}"`],
  ['double quotes after a substitution', () => sh`echo "$(date) ${evil}"`],
  ['dollar quotes', () => sh`echo $'\'${evil}'`],
  ['backquotes', () => sh`echo \`cat ${evil}\``],
  ['arithmetic', () => sh`echo $((${evil} + 1))`],
  ['a comment', () => sh`true # ${evil}`],
  [
    'a here-document',
    () => sh`cat <<-'E'
${evil}
E`,
  ],
  ['quotes that a fragment stands in', () => sh`echo "${sh`cat ${evil}`}"`],
  [
    'a here-document of any name',
    () => sh`cat <<!
${evil}
!`,
  ],
  [
    'a here-document that begins in a fragment',
    () =>
      sh`cat <<E${sh`
${evil}`}`,
  ],
  ['arithmetic that ends in a fragment', () => sh`echo $(${sh`(${evil}))`}`],
  ['arithmetic around an empty list', () => sh`echo $(${[]}(${evil}))`],
  ['old arithmetic', () => sh`echo $[${evil}]`],
  ['a parameter expansion', () => sh`echo "\${x:-"${evil}"}"`],
  ['a subscript', () => sh`a[ ${evil} ]=1`],
  ['a subscript in an array', () => sh`a=( [ ${evil} ]=1)`],
  ['a computing test', () => sh`[[ ${evil} -eq 1 ]]`],
])('a value inside %s is refused', (_, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

// What the value would begin or end there, and with it everything that follows.
test.each([
  ['a dollar sign', () => sh`echo Costs $${evil}`],
  ['a dollar sign that a fragment ends in', () => sh`echo ${sh`$`}${evil}`],
  ['a dollar sign before an empty list', () => sh`echo $${[]}${evil}`],
  ['the process id and a dollar sign', () => sh`echo $$$${evil}`],
  ['a mistake in an array, which bash goes on from', () => sh`a=(x (y) ${evil})`],
  ['parentheses that open an array', () => sh`a=((1)) ${evil}`],
  ['a backslash', () => sh({ raw: ['echo \\', ''] } as unknown as TemplateStringsArray, evil)],
  ['>&, which bash expands twice', () => sh`echo >& ${evil}`],
  ['>& with a word', () => sh`echo >&log.${evil}`],
  ['a here-document whose end has quotes', () => sh`cat <<E"$(a'" ${evil}`],
  ['<<', () => sh`cat <<- ${evil}`],
  ['backquotes with a quote', () => sh`echo \`a'\` ' b\` ${evil}`],
  ["dollar quotes with a quote, which dash doesn't know", () => sh`echo $'it\'s' ${evil}`],
  ['a parameter with quotes', () => sh`echo "\${x:-'}" ${evil}`],
  ['a case in a substitution', () => sh`echo "$(case $x in a) echo 'say "hi ${evil}"';; esac)"`],
  [
    'a comment that is none',
    () => sh`echo $(date)#'
${evil}`,
  ],
  [
    'an escaped blank and a number sign',
    () => sh`echo \ #'
${evil}`,
  ],
  [
    'a word that goes on on the next line',
    () => sh`echo a\
#'
${evil}`,
  ],
])('a value after %s is refused', (_, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

test.each([
  ['after quotes', () => sh`echo 'it''s' "a \" b" ${evil}`],
  [
    'after a comment',
    () => sh`true # don't
echo ${evil}`,
  ],
  ['in a substitution inside quotes', () => sh`echo "$(cat ${evil})"`],
  ['in a subshell', () => sh`(cd /; echo ${evil})`],
  [
    'after a here-string and a shift',
    () => sh`cat <<< x; echo $((1<<2))
echo ${evil}`,
  ],
  ['after the process id', () => sh`echo $$ $$${evil}`],
  ['after dollar quotes without quotes', () => sh`sort -t $'\t' ${evil}`],
  ['after parameters', () => sh`echo "\${x:-1}" \${x%%.*} $HOME ${evil}`],
  ['after arithmetic', () => sh`echo $(($# + (1 << 2))) ${evil}`],
  ['in the test command', () => sh`if [ -f ${evil} ] && ! [ -d ${evil} ]; then true; fi`],
  ['after patterns and bash’s tests', () => sh`[[ $x == [a-z]* ]] && ls *[0-9] ${evil}`],
  ['in a case', () => sh`case $x in a) echo ${evil} ;; esac`],
  ['after redirections', () => sh`cat <<E 2>&1 >&- | grep ${evil} >> ${evil}`],
  ['in an array', () => sh`a=(x $(ls | wc -l) ${evil}); echo ${evil}`],
  ['in braces', () => sh`{ cat < ${evil} > ${evil}; }`],
  [
    'on a continued line',
    () => sh`docker run \
  -v ${evil} \
  ${evil}`,
  ],
  ['in a list of words and fragments', () => sh`ls ${[sh`-l`, evil, 3]}`],
  ['glued to an option', () => sh`grep --file=${evil} $# \'${evil}`],
])('a value %s is quoted', (_, make) => {
  expect(String(make())).toContain(`'${evil}'`)
})

test.each<readonly [string, Command]>([
  ['empty text', '  \n'],
  ['an empty list', []],
  ['an empty program', ['', 'x']],
  ['NUL in text', 'a\0b'],
  ['NUL in a list', ['a', '\0']],
  ['half a character', ['\ud800']],
])('%s is refused', (_, command) => {
  expect(() => formatCommand(command)).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

test('NUL in a value is refused', () => {
  expect(() => sh`echo ${'\0'}`).toThrow(expect.objectContaining({ code: 'INVALID_OPTION' }))
})

test('what only looks like shell text is a mistake of the program', () => {
  const forged = JSON.parse('{"text":"rm -rf /"}')
  expect(() => formatCommand(forged)).toThrow(TypeError)
  expect(() => sh`echo ${forged}`).toThrow(TypeError)
  expect(() => sh`echo ${Number.NaN}`).toThrow(TypeError)
  expect(() => formatCommand([1] as unknown as string[])).toThrow(TypeError)
})
