import { Injectable, NotFoundException, type PipeTransform } from '@nestjs/common';

export const LARGEST_ID = 4_294_967_295;

/** What cannot be an id cannot name anything: 404, and the database is not asked. */
@Injectable()
export class IdPipe implements PipeTransform<string, number> {
  transform(value: string): number {
    const id = Number(value);
    if (!/^[1-9]\d{0,9}$/.test(value) || id > LARGEST_ID) {
      throw new NotFoundException('There is nothing under this id.');
    }
    return id;
  }
}
