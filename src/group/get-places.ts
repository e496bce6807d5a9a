// Where the files of each member come to: the path of a get with `{id}` filled in, and the members whose files would
// overwrite each other's.

import { normalize } from 'node:path'
import { SftpError } from '../errors.js'
import { fillTemplate, hostValues } from '../files/path-template.js'
import { printable } from '../printable.js'
import { hopRef } from '../route/route.js'
import type { Member } from './outcome.js'
import type { Entry, Reachable } from './roster.js'

/** The local path for one member; what `{host}` and the like stand for, the transfer knows. */
export function placeOf(local: string, member: Member): string {
  return local.replaceAll('{id}', () => fileNameOf(member))
}

/** The members that would write to the place of another one, by their ids, and the error of each. */
export function findSharedPlaces(local: string, entries: readonly Entry[]): ReadonlyMap<string, SftpError> {
  const byPlace = new Map<string, Member[]>()
  for (const entry of entries) {
    if (!('route' in entry)) continue
    const place = expanded(local, entry)
    byPlace.set(place, [...(byPlace.get(place) ?? []), entry.member])
  }
  const errors = new Map<string, SftpError>()
  for (const [place, members] of byPlace) {
    for (const member of members.length > 1 ? members : []) {
      const other = members.find((each) => each !== member)
      errors.set(member.id, sharedPlace(place, member, other ?? member))
    }
  }
  return errors
}

/** What is the same for two members if their places are, or may be: of a `{dirname}` the shortest is looked at. */
function expanded(local: string, { member, route }: Reachable): string {
  const values = hostValues(hopRef(route, route.hops.length - 1))
  return normalize(fillTemplate(placeOf(local, member), { ...values, dirname: '.' }))
}

function sharedPlace(place: string, member: Member, other: Member): SftpError {
  const path = printable(place, 1000)
  return new SftpError(
    'TRANSFER_FAILED',
    `${printable(member.host, 100)}: ${path} would be written to for ${other.id}, too`,
    { path, hint: 'put {host}, or {id}, which is the whole route, into the local path' },
  )
}

/** The id as the name of one file. Different ids that come out the same are found like any other two. */
function fileNameOf({ id }: Member): string {
  return id.replaceAll(/[^\p{L}\p{N}.@-]+/gu, '_')
}
